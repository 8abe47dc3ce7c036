"""Runs pods as process groups on this machine, and tells the API server what a kubelet would."""
