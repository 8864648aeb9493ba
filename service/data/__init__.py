"""Compiled facts that ship with the service."""
