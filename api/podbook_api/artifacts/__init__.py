"""What runs left, and the content that they are pinned to: store, names, pages, sweep."""
