"""What calls do: arguments, runs and their repetitions, waiting for an end."""
