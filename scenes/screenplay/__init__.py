"""Screenplays as Fountain and Final Draft: read, written, matched against what is there. No models, no requests."""
