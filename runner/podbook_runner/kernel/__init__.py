"""The kernel's side: its sockets, its messages, its first answer, its memory."""
