"""Large dictionaries that are only read, in a tenth of the memory that Python's own take."""

import marshal
from collections.abc import Mapping
from typing import Any

import numpy as np


class Packed:
    """A dictionary of texts as two arrays and one run of bytes. Values: whatever JSON knows; each read makes a copy.

    An entry is its key, a zero byte and its value; entries lie in the order of their keys' hashes.
    """

    def __init__(self, entries: Mapping[str, Any]) -> None:
        hashes = np.fromiter(map(hash, entries), np.int64, len(entries))
        order = np.argsort(hashes, kind="stable")
        # Entry by entry, and at once: kept as a list they would take more than the dictionary.
        packed, ends, keys = bytearray(), np.zeros(len(entries) + 1, np.uint32), list(entries)
        for place, at in enumerate(order, start=1):
            packed += keys[at].encode() + b"\0" + marshal.dumps(entries[keys[at]])
            ends[place] = len(packed)
        self._hashes, self._ends, self._packed = hashes[order], ends, bytes(packed)

    def get(self, key: str, otherwise: Any = None) -> Any:
        """Return the value of a key, as a dictionary does."""
        at = int(np.searchsorted(self._hashes, hash(key)))
        wanted = key.encode() + b"\0"
        while at < len(self._hashes) and self._hashes[at] == hash(key):
            entry = self._packed[self._ends[at] : self._ends[at + 1]]
            if entry.startswith(wanted):
                return marshal.loads(entry[len(wanted) :])  # noqa: S302 - written above, in this process
            at += 1
        return otherwise
