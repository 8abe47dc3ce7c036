"""From a request to the one object that is created."""
