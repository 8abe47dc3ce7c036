"""What is wrong about what was observed: values in, findings out."""
