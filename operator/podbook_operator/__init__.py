"""Brings each NotebookExecution to a pod, and each pod's end to a final status."""
