"""Everything that changes an object."""
