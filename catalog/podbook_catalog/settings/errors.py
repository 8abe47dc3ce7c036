"""The error of a settings file: apart from what finds it, which takes long to import."""


class Mistaken(ValueError):
    """A settings file cannot be used; the message names each place in it."""
