"""What notebooks and people import: save_output, shared models, the client, the command line."""
