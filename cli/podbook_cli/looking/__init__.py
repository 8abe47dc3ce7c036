"""Shows what a server holds: notebooks, executions, what they printed and left."""
