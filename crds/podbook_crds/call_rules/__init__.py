"""What a call may say: parameters, contract, overrides; decided for API and operator alike."""
