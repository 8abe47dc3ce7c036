"""The contract that the API, the operator and the runner share."""
