"""What runs left and authors wrote, read where it keeps nobody waiting, however it is made."""
