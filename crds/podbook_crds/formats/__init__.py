"""How what all parts agree on is written: digests, steps of pointers, types, JSON as a text."""
