"""Memory that was freed and that the C library keeps."""

import ctypes

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the C library of GNU


def trim() -> None:
    """Return it to the system. Does nothing with another C library."""
    if _trim is not None:
        _trim(0)
