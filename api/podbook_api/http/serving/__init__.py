"""Serves applications on ports: HTTP servers of one loop, and what they show who connects."""
