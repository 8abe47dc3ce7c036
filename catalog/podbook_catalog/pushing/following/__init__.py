"""Keeps a server's catalog as a folder on a branch is: fetches, reads, pushes, and tells."""
