"""The event log of an attempt: what its notebook showed, told as it changed, and replayed."""
