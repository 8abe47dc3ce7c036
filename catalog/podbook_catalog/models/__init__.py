"""The models that contracts share, read with the notebooks' own interpreter."""
