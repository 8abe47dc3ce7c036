"""Keeps the processes of `podbook up` alive, and ends all of them with it."""
