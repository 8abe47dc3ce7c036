"""Executed notebooks as pages: self-contained HTML, made outside of the serving process."""
