"""What is wrong in a folder: looked for without a server, told by file and place."""
