"""What a cluster cannot find out of a folder by itself, in a file beside the notebooks."""
