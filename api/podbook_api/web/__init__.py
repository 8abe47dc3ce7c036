"""The pages that people see: one shell, its assets, and the frame for what notebooks drew."""
