"""What goes back to the intake: artifacts, the output, the result."""
