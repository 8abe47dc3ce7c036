"""The OpenAPI document, made from the routes and the notebooks."""
