"""What run pods may reach: the claim, blobs, artifacts, progress and the result."""
