"""LTX-2.3: a start frame and perhaps an end frame become a clip with sound. Imported by workers only."""
