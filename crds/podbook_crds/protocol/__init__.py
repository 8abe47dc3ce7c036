"""What intake and runner say to each other: the routes, the job, the result."""
