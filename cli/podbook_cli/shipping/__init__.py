"""From a folder to a server: what is looked at and tried on the way."""
