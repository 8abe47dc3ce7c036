"""What clients are told there is: the tools, their names, schemas and descriptions."""
