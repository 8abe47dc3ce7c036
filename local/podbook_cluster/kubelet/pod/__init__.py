"""One pod, from its binding to the removal of its object."""
