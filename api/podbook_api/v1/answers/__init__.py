"""What /v1 answers: the one place where its shapes stand.

Each is a TypedDict: mypy holds what `views` makes to it, the OpenAPI document is generated from it,
and a hot path pays nothing for it. A set that may grow is `Enum | str`: a client that was generated
before a value was there takes it as text. What is NotRequired is left out where it is not known.
"""
