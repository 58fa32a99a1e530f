"""Backups: a folder with the database, the media and a manifest of both, and the way back."""
