"""How calls of a notebook are served: by pods that wait for them, by answers that are there."""
