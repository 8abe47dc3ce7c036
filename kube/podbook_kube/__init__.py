"""The one way to Kubernetes: where it is, how it is asked, how its objects are followed."""
