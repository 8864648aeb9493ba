"""Articles from files and feeds."""
