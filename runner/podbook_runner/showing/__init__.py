"""What the kernel shows, on its way into the notebook."""
