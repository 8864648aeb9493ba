"""Model, names, sentences."""
