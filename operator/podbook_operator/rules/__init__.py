"""What to do: pure rules over values; no client, no clock, no log."""
