"""Writes a folder as others take it: resources, images, and what is locked."""
