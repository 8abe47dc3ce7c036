"""Pages of notebooks as a browser gets them: framed, with a head of ours, and their libraries."""
