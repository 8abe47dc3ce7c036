"""Work on what others wrote, in processes with bounds of time and memory that can be killed."""
