"""What each kind of cell and output looks like on a page."""
