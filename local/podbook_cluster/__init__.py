"""The embedded cluster as one process: API server, garbage collector, and a kubelet."""
