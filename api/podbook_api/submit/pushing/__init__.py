"""Pushes: notebooks written to the catalog over REST, and the blobs that they name."""
