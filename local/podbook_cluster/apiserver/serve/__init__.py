"""From an HTTP request to what answers it."""
