"""What people at the terminal are told while a folder is served."""
