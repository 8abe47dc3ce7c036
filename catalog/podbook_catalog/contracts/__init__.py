"""A contract read from a notebook's parameters cell: parsed, never executed."""
