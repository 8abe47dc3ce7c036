"""The folders and files that a pod's containers see."""
