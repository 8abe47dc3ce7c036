"""Brings a server's catalog to what a folder is, over REST."""
