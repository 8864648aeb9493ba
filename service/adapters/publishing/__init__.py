"""Alerts for other programs: Atom and CAP."""
