"""What is kept: every revision on the disk, every object in memory, watches fed from both."""
