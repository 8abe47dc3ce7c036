"""A folder of notebooks, kept as Notebook resources."""
