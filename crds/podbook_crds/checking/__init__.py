"""Judges values and schemas by contracts that others wrote, in bounds of time and memory."""
