"""The commands and their options, a file for each group; each loads what it needs when called."""
