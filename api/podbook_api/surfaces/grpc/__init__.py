"""The gRPC surface of jupyrest: one call runs a notebook and brings it back."""
