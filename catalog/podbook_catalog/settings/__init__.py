"""What people write in podbook.toml, and the sentences about their mistakes."""
