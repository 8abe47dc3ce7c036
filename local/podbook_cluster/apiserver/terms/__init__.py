"""The words of the Kubernetes API: calls, resources, names, times, errors."""
