"""The REST API and the intake: creates executions, reads them back, takes in results."""
