"""Whether the files of a checkpoint are what was published. Needs neither a network nor any library."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from videogen.pipelines.weights import header, installed

CHUNK = 2**20


def is_published(path: Path, name: str, on_bytes: Callable[[int], object] = lambda count: None) -> bool:
    """Whether a file has the hash that the hub knows it by: sha256 of large ones, git's own hash of small ones.

    False for a name that is no such hash. on_bytes is told what was read, in parts.
    """
    if not installed.HASH.fullmatch(name):
        return False
    if len(name) == 64:
        hasher = hashlib.sha256()
    else:
        hasher = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hasher.update(chunk)
            on_bytes(len(chunk))
    return hasher.hexdigest() == name


def has_hashes(folder: Path) -> bool:
    """Whether files are named by their hashes, as the hub's cache keeps them: as links to such names."""
    return any(path.is_symlink() for path in folder.rglob("*"))


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def faults(
    folder: Path, published: Mapping[str, int] | None, on_bytes: Callable[[int], object] = lambda count: None
) -> Iterator[tuple[str, str]]:
    """Every file of a checkpoint that is not as it should be, with what is wrong; nothing for a good one.

    A file of the hub's cache is named by its own hash, so it is checked against that, and the kept listing
    (`published`: bytes by path) says which files there are. A plain folder has neither: there nothing that the index
    promises may be missing, and weights are checked for their length.
    """
    linked = has_hashes(folder)
    missing = installed.missing_files(folder, anew=True) if published is None else published.keys()
    there = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    dangling = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() and not path.exists()}
    yield from ((name, "is missing") for name in sorted({*missing, *dangling} - there.keys()))
    for name, path in there.items():
        expected = None if published is None else published.get(name)
        replaced = linked and not path.is_symlink() and (published is None or name in published)
        if wrong := _cut_short(path, expected) or _altered(folder, path, on_bytes, replaced=replaced):
            yield name, wrong


def _cut_short(path: Path, expected: int | None) -> str:
    """What is wrong with the length of a file. Of a safetensors file the header says where the last tensor ends."""
    size = path.stat().st_size
    if expected is None and path.suffix == ".safetensors":
        try:
            expected = header.length_of(path)
        except (OSError, ValueError):
            return "has no header that can be read"
        if size < expected:
            return "is cut short"
    return "" if expected in (None, size) else f"is {size} bytes long and should be {expected}"


def _altered(folder: Path, path: Path, on_bytes: Callable[[int], object], *, replaced: bool) -> str:
    if replaced:  # as an editor does that saves a file beside the old one
        return "is another file than the one that was published"
    if not path.is_symlink():
        return ""
    blob = path.resolve()
    if not installed.HASH.fullmatch(blob.name) and not installed.commit_of(folder):
        return ""  # somebody's own link, in a folder that no hub's cache made
    if is_published(path, blob.name, on_bytes):
        return ""
    return "does not have the hash it was published with"
