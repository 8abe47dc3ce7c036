"""/v1 as it tells callers of themselves, and hands out what stands for a token."""
