"""Looks, and changes nothing: at the server, the cluster behind it, and the laptop that serves."""
