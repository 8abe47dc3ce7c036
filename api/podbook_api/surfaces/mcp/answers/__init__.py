"""What calls are answered with: the envelope, and what a model reads first."""
