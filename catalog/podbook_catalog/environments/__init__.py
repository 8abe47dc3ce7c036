"""What notebooks say they need: read, locked, and made into environments that kernels run in."""
