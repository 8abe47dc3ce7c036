"""Tells of each change: a line in the log, Kubernetes events, webhooks."""
