"""Finds the server that a command is meant for, or starts one."""
