"""The parameters as a cell of code, in the notebook's language."""
