"""The /docs page: the OpenAPI document as something to read and to try, with no network."""
