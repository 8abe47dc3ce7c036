"""Prints values, for people and for pipes."""
