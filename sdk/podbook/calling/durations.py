"""How long a run took, for people; a test compares it with what the other parts write."""


def spelled(seconds: float) -> str:
    """Return `0.04 s`, `2.1 s`, `3 min 20 s` or `2 h 5 min`."""
    tenths = round(max(0.0, seconds), 1)
    if seconds > 0 and tenths < 1:
        return f"{seconds:.2f} s"
    if tenths < 60:  # noqa: PLR2004
        return f"{tenths:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
