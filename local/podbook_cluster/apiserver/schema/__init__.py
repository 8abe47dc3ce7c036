"""Schemas, CEL rules and policies, and what they say of an object."""
