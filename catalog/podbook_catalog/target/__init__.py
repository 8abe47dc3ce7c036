"""Where a folder's entries are written to."""
