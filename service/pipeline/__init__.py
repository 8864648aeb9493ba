"""One file and one function for each step of an article."""
