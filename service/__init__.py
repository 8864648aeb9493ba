"""Detente: early warning that reads the news."""

__version__ = "0.1.0"
