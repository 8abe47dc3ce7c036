"""What reaches the operator: kopf's events, complete lists, and the cache that both fill."""
