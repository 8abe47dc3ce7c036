"""Whether callers break by a change of a contract: proved by rules, shown by an example."""
