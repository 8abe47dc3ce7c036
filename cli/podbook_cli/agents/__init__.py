"""Notebooks as tools of agents: how each client is told, and a server of their own."""
