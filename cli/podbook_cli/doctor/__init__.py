"""Says what is wrong with an installation, and the cure of each: observed first, then judged."""
