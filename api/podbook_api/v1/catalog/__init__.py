"""/v1 as the catalog is written: pushes, what they are made of, and the versions that they left."""
