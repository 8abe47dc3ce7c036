"""The HTTP surfaces of the systems that Podbook replaces: adapters over the same core."""
