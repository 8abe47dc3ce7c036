"""One notebook file with what stands beside it, read into a catalog entry."""
