"""The names that notebooks written for jupyrest import, kept working."""
