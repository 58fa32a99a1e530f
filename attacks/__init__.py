"""Attacks on a running instance: `make attack`, or `python -m attacks` with the address of one."""
