"""Turns each NotebookExecution into pods, and their ends into a status."""
