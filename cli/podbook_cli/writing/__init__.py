"""Helps to write a notebook."""
