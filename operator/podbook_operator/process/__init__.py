"""The operator as a process: its Lease, its probes, its metrics, its end."""
