"""What the API server is told of the resources: schemas, CEL rules, the policy."""
