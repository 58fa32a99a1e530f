"""A film or scene as files to take home: what is in them, and how each format is written."""
