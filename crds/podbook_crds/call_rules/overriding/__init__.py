"""Decides what a call may change of a notebook's runtime; asked by the API and by the operator."""
