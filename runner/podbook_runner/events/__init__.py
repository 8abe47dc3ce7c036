"""What the run tells of itself while it goes on: the event log, and how far the cells are."""
