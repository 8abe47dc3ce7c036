"""Everything that shows objects: lists, watches, tables, logs."""
