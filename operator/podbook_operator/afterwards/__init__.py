"""What follows a change: the log, events, webhooks, and the removal of what has had its time."""
