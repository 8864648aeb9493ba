"""Builds the shipped model: data, training, export, evaluation. Nothing in the product imports it."""
