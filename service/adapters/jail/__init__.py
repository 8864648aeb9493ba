"""Processes of their own for work that may hang, crash or grow: forked for one request each, bounded, and killed."""
