"""Articles, their text, and when two are the same."""
