"""The types of the resources, as they stand in the Kubernetes API."""
