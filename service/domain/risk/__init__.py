"""Scores: exact sums of evidence."""
