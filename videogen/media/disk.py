"""What the disk of this machine is told."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have the disk keep what a file or folder holds now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
