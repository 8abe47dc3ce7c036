"""`podbook up`: a folder of notebooks, served on this machine."""
