"""What the program writes is for its owner: the database holds sessions, the media are private."""

import os
import stat
from pathlib import Path

OTHERS = 0o077  # what group and everybody else may do
OTHERS_BESIDE_A_READING_GROUP = 0o027


def forbidden(group_readable: bool) -> int:
    """Return the bits of a mode that nothing in VAR_DIR may have."""
    return OTHERS_BESIDE_A_READING_GROUP if group_readable else OTHERS


def is_open(path: Path, bits: int) -> bool:
    """Whether others may do some of `bits` with the file or folder. What is not there is closed."""
    try:
        return bool(path.stat().st_mode & bits)
    except OSError:
        return False


def close(folder: Path, bits: int) -> int:
    """Take `bits` from everything in a folder that is open itself. Returns how many files and folders had them.

    Others pass no closed folder, so what is in one is left alone. Raises OSError for what is not this user's.
    """
    if not is_open(folder, bits):
        return 0
    found = [folder, *folder.rglob("*")]
    opened = [path for path in found if not path.is_symlink() and is_open(path, bits)]
    for path in opened:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~bits)
    return len(opened)


def make_folder(path: Path, mode: int) -> None:
    """Make a folder with this mode, whatever the umask. Leaves one that is there as it is. Raises OSError."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        os.chmod(path, mode)
