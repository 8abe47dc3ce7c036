"""What is in the folder now: walked, read without waiting, young enough to change again."""
