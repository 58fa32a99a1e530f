"""Getting a checkpoint from the model hub, and checking what came. Only `manage.py models` imports this."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    DryRunError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from videogen.pipelines import installed
from videogen.pipelines.config import Checkpoint

# What a pipeline reads: its index and the files of its parts. Beside them repositories keep the same weights in one
# large file, in other formats, and pictures.
ALLOWED = [installed.INDEX, "*/*"]
IGNORED = [f"*.{ending}" for ending in ("bin", "pt", "pth", "ckpt", "gguf", "onnx", "msgpack", "mp4", "png", "jpg")]
SPARE_BYTES = 2 * 10**9  # what a disk keeps free after a download
CHUNK = 2**20


class DownloadError(Exception):
    """A download that cannot be. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a download would fetch: bytes of files that are not here yet, and bytes of all."""

    missing: int
    total: int


def plan(checkpoint: Checkpoint) -> Plan:
    """Ask the hub what is to be fetched. Raises DownloadError."""
    files = _snapshot(checkpoint, dry_run=True)
    return Plan(sum(one.file_size for one in files if one.will_download), sum(one.file_size for one in files))


def check_room(wanted: int) -> None:
    """Raises DownloadError where the disk of the cache has not `wanted` bytes and some to spare."""
    place = installed.hub_cache()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < wanted + SPARE_BYTES:
        raise DownloadError(
            f"{gigabytes(wanted)} are to be fetched and {place} has {gigabytes(free)} free. "
            "Free some space, or name a folder on another disk in HF_HOME."
        )


def fetch(checkpoint: Checkpoint) -> Path:
    """Fetch what is missing and return the folder; what an earlier run fetched is kept. Raises DownloadError."""
    return Path(_snapshot(checkpoint))


def _snapshot(checkpoint: Checkpoint, *, dry_run: bool = False) -> Any:
    try:
        return snapshot_download(
            checkpoint.source,
            revision=checkpoint.revision,
            allow_patterns=ALLOWED,
            ignore_patterns=IGNORED,
            cache_dir=installed.hub_cache(),
            dry_run=dry_run,
        )
    except (HfHubHTTPError, HFValidationError, httpx2.TransportError, OSError) as error:
        # A dry run wraps what went wrong.
        cause = error.__cause__ if isinstance(error, DryRunError) else error
        raise DownloadError(_advice(cause, checkpoint)) from error


def _advice(error: BaseException | None, checkpoint: Checkpoint) -> str:
    """What went wrong and what to do about it."""
    source = checkpoint.source
    if isinstance(error, GatedRepoError):
        return (
            f"{source} is given only to people who accepted its terms. Sign in at https://huggingface.co/{source}, "
            "accept them, make a token under Settings, Access Tokens, and run this again with HF_TOKEN set to it."
        )
    if isinstance(error, RevisionNotFoundError):
        return f"{source} has no revision {checkpoint.revision}."
    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return f"There is neither a folder nor a repository {source}. (A private one needs HF_TOKEN.)"
    if isinstance(error, HfHubHTTPError):
        return f"The model hub answered: {error}. Run this again; it goes on where it stopped."
    unreachable = (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx2.TransportError)
    if isinstance(error, OSError) and not isinstance(error, unreachable):
        return f"The files cannot be kept in {installed.hub_cache()}: {error.strerror or error}."
    return (
        "The model hub cannot be reached from this machine. Run this again with a network; or copy the checkpoint's "
        "folder here from another machine and name it in the setting."
    )


def faults(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of a checkpoint that is not as it should be, with what is wrong; nothing for a good one.

    A file of the hub's cache is named by its own hash, so it is checked against that. A plain folder has no hashes:
    there the weights are checked for their length only.
    """
    yield from ((name, "is missing") for name in installed.missing_files(folder))
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if wrong := _cut_short(path) or _altered(path):
            yield str(path.relative_to(folder)), wrong


def has_hashes(folder: Path) -> bool:
    """Whether the files are named by their hashes, as the hub's cache keeps them."""
    return (folder / installed.INDEX).is_symlink()


def _cut_short(path: Path) -> str:
    """What is wrong with the length of a safetensors file: its header says where the last tensor ends."""
    if path.suffix != ".safetensors":
        return ""
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
        if header > path.stat().st_size:
            return "is cut short"
        try:
            tensors = json.loads(file.read(header))
            end = max((one["data_offsets"][1] for name, one in tensors.items() if name != "__metadata__"), default=0)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "has no header that can be read"
    expected = 8 + header + end
    return "" if path.stat().st_size == expected else f"is {path.stat().st_size} bytes long and should be {expected}"


def _altered(path: Path) -> str:
    if not path.is_symlink():
        return ""
    name = path.resolve().name
    if len(name) == 64:
        hasher = hashlib.sha256()
    elif len(name) == 40:  # a file small enough for git itself: git's own hash of it
        hasher = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    else:
        return ""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hasher.update(chunk)
    return "" if hasher.hexdigest() == name else "does not have the hash it was published with"


def gigabytes(size: int) -> str:
    """1500000000 -> "1.5 GB"; below a tenth of that in MB."""
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.1f} MB"
