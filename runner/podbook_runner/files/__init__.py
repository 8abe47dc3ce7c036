"""Files in the work folder, laid out by us and written by a kernel that nobody trusts."""
