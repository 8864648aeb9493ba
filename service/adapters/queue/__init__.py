"""Nudges to workers."""
