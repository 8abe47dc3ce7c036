"""Webhooks: whom to tell, what to say, and where not to send it."""
