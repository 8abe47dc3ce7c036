"""Pods that are made before anybody calls: how many, of what, and to whom they are given."""
