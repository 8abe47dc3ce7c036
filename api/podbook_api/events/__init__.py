"""The event logs of runs: taken in from runners, kept in segments, followed by readers."""
