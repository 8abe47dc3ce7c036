"""HTTP as the API speaks it: the protocol, bodies, problems, waits."""
