"""Runs once more what has run, or gives its answer again."""
