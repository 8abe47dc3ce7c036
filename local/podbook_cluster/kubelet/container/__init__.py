"""One container: its process, its log, its memory, its end."""
