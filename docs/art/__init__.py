"""Draws the pictures of the demo; `make art` runs it. The application knows only the files that come out."""
