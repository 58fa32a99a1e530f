"""Which files of a repository a pipeline reads: what its index names, each weight once.

Repositories keep the same weights several times: whole beside their shards, in other formats and precisions, in one
file of 40 GB at the top, in folders of former versions. Nothing of that is fetched (docs/decisions/0066).
"""

import json
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from videogen.pipelines.weights import installed

WEIGHTS = ".safetensors"
LISTING = ".safetensors.index.json"
# What a part is read from where nothing lists its weights, in the order the libraries look for it.
WHOLE = ("diffusion_pytorch_model.safetensors", "model.safetensors")
OTHER_FORMATS = (
    *("bin", "pt", "pth", "ckpt", "gguf", "onnx", "onnx_data", "msgpack", "h5", "ot", "pb", "tflite", "xml"),
    *("mp4", "png", "jpg", "jpeg", "webp", "gif", "md"),
)

Read = Callable[[str], bytes | None]  # the bytes of a file by its path; None where they cannot be had


def small_files(paths: Iterable[str]) -> list[str]:
    """Return the files that say which others are read: the index, and the listings of shards."""
    return [path for path in paths if path == installed.INDEX or path.endswith(LISTING)]


def selected(paths: Iterable[str], read: Read) -> set[str]:
    """Return the paths that a pipeline reads, of all those in a repository.

    Of an index or listing that cannot be read everything is taken that it might name.
    """
    all_paths = list(paths)
    index = _json(read(installed.INDEX))
    folders = {path.partition("/")[0] for path in all_paths if path.count("/") == 1}
    parts = set(installed.parts_in(index)) if index else folders
    found = {path for path in all_paths if path == installed.INDEX}
    for part in parts & folders:
        inside = [path for path in all_paths if path.startswith(f"{part}/") and path.count("/") == 1]
        found |= _of_part(part, inside, read)
    return found


def named_and_absent(paths: Iterable[str], read: Read) -> list[str]:
    """Return the shards that a selected listing names and the repository lacks."""
    there = set(paths)
    listings = [path for path in selected(there, read) if path.endswith(LISTING)]
    return sorted(shard for path in listings for shard in _shards(path, read) - there)


def _of_part(part: str, inside: list[str], read: Read) -> set[str]:
    listings = sorted((path for path in inside if path.endswith(LISTING)), key=_precedence)
    whole = [f"{part}/{name}" for name in WHOLE if f"{part}/{name}" in inside]
    every = {path for path in inside if path.endswith(WEIGHTS)}
    kept = {listings[0], *(_shards(listings[0], read) & every or every)} if listings else set(whole[:1]) or every
    others = {path for path in inside if path not in every and not _is_foreign(path) and not path.endswith(LISTING)}
    return kept | others


def _precedence(listing: str) -> tuple[int, str]:
    """Put a listing of the plain precision first: model.safetensors.index.json before model.fp16.safetensors...."""
    return PurePosixPath(listing).name.count("."), listing


def _is_foreign(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.rpartition(".")[2] in OTHER_FORMATS or ".index." in name


def _shards(listing: str, read: Read) -> set[str]:
    """Return the paths of the shards that a listing names; none where it cannot be read."""
    weights = _json(read(listing)).get("weight_map")
    names = weights.values() if isinstance(weights, dict) else ()
    folder = listing.rpartition("/")[0]
    return {f"{folder}/{name}" for name in names if isinstance(name, str) and installed.is_plain(name)}


def readable(data: bytes | None) -> bool:
    """Whether an index or a listing says anything."""
    return bool(_json(data))


def _json(data: bytes | None) -> dict[str, object]:
    try:
        found = json.loads(data or b"")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
