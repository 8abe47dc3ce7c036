"""The client's parts: what is asked is decided once, and sent by a sync and an async driver."""
