"""Follows the folder of notebooks while it is served."""
