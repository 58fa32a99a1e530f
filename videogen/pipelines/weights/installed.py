"""What this machine has, found out without importing torch: libraries, a GPU, the files of a checkpoint."""

import json
import os
import re
import subprocess
from collections.abc import Hashable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import header

INDEX = "model_index.json"
LIBRARIES = ("torch", "diffusers", "transformers", "accelerate", "safetensors")
# What the parts without weights have in place of a config.json: schedulers, tokenizers, processors.
_WEIGHTLESS = ("scheduler_config.json", "tokenizer_config.json", "processor_config.json", "preprocessor_config.json")
COMMIT = re.compile(r"[0-9a-f]{40}")
HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # what the hub knows a file by: git's own hash, or sha256

# Complete checkpoints by folder and time of the index: a whole one is not looked through twice.
_whole: set[tuple[Path, int]] = set()


def missing_libraries() -> list[str]:
    """The libraries of the extra `ltx` that are not installed."""
    return [name for name in LIBRARIES if not _is_installed(name)]


@cache
def _is_installed(name: str) -> bool:
    """Whether a library is installed. Looked for once: a page asks 160 times, and the search took a fifth of it."""
    return find_spec(name) is not None


def gpu() -> str | None:
    """The name of the GPU that torch would compute on, None where there is none. Looks at files of the system only."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return None
    if any(Path("/dev").glob("nvidia[0-9]*")):
        return _nvidia_name() or "NVIDIA GPU"
    if Path("/dev/kfd").exists():
        return "AMD GPU"
    return "NVIDIA GPU" if Path("/dev/dxg").exists() else None  # Windows' own Linux


def _nvidia_name() -> str | None:
    for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        try:
            found = re.search(r"^Model:\s*(.+)$", path.read_text(), re.MULTILINE)
        except OSError:
            continue
        if found:
            return found[1].strip()
    return None


@cache
def compute_capability() -> float | None:
    """What the first NVIDIA GPU can do, in its maker's numbers: 8.0, 8.9, 9.0. None where that cannot be told."""
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
    asked = ["nvidia-smi", f"--id={first}", "--query-gpu=compute_cap", "--format=csv,noheader"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
        return float(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def has_library(name: str) -> bool:
    """Whether a library is installed that not everything needs."""
    return _is_installed(name)


def free_memory() -> int | None:
    """How many bytes are free on the GPU that torch would compute on or, without one, on this machine.

    None where that cannot be told. Asks the driver's own program, so that nobody holds the GPU for it.
    """
    try:
        if gpu() is None:
            found = re.search(r"^MemAvailable:\s*(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
            return int(found[1]) * 1024 if found else None
        first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
        asked = ["nvidia-smi", f"--id={first}", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
        return int(done.stdout) * 2**20
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def hub_cache() -> Path:
    """Where huggingface_hub keeps what was downloaded: its own variables decide."""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given).expanduser()
    home = os.environ.get("HF_HOME")
    base = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface" if not home else Path(home)
    return base.expanduser() / "hub"


def disk_of_cache() -> Path:
    """A folder on the disk that the hub's cache is on, or will be."""
    place = hub_cache()
    while not place.exists():
        place = place.parent
    return place


def repository_of(checkpoint: Checkpoint) -> Path:
    """Where the hub's cache keeps a repository, whether it is there or not."""
    return hub_cache() / f"models--{checkpoint.source.replace('/', '--')}"


def ref_of(checkpoint: Checkpoint) -> Path | None:
    """The file that says which commit a revision is on this machine; None for a revision that is a commit itself."""
    revision = checkpoint.revision or "main"
    return None if COMMIT.fullmatch(revision) else repository_of(checkpoint) / "refs" / revision


def folder_of(checkpoint: Checkpoint) -> Path | None:
    """The folder of the checkpoint's files at its revision, None where nothing of it is here.

    A moving revision is the commit that the last download found, so nothing changes under a running installation.
    """
    folder = Path(checkpoint.source).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute():
        return None
    ref = ref_of(checkpoint)
    try:
        commit = ref.read_text().strip() if ref else str(checkpoint.revision)
    except OSError:
        return None
    snapshot = repository_of(checkpoint) / "snapshots" / commit
    return snapshot if snapshot.is_dir() else None


def commit_of(folder: Path) -> str | None:
    """The commit whose files a folder holds; None for a folder that no hub's cache made."""
    return folder.name if folder.parent.name == "snapshots" and COMMIT.fullmatch(folder.name) else None


def index_of(folder: Path) -> dict[str, object]:
    """The checkpoint's index; empty where it has none that can be read."""
    try:
        index = json.loads((folder / INDEX).read_text())
    except (OSError, ValueError):
        return {}
    return index if isinstance(index, dict) else {}


def missing_files(folder: Path, *, anew: bool = False) -> list[str]:
    """What a checkpoint lacks of what its index promises; empty for a complete one. anew: whatever was seen before."""
    try:
        key = folder, (folder / INDEX).stat().st_mtime_ns
    except OSError:
        return [INDEX]
    if key in _whole and not anew:
        return []
    missing = [name for part in parts_of(folder) for name in _missing_of(folder, part)]
    if not missing:
        _whole.add(key)
    return missing


def cut_short(folder: Path) -> str | None:
    """The first weight file of a checkpoint that ends before its header says; None where none does."""
    for part in parts_of(folder):
        for path in weights_of(folder, part):
            try:
                short = path.stat().st_size < header.length_of(path)
            except (OSError, ValueError):
                short = True
            if short:
                return f"{part}/{path.name}"
    return None


def config_of(folder: Path, part: str) -> dict[str, object]:
    """The configuration of a part of a checkpoint; empty where it has none that can be read."""
    for name in ("config.json", *_WEIGHTLESS):
        try:
            config = json.loads((folder / part / name).read_text())
        except (OSError, ValueError):
            continue
        return config if isinstance(config, dict) else {}
    return {}


def parts_of(folder: Path) -> list[str]:
    """The parts of a checkpoint that its index names. An optional part that was left out has null for its class."""
    return parts_in(index_of(folder))


def parts_in(index: Mapping[str, object]) -> list[str]:
    """The parts that an index names."""
    return [
        part
        for part, value in index.items()
        if isinstance(value, list) and len(value) == 2 and value[1] and is_plain(part)
    ]


def is_plain(name: object) -> bool:
    """Whether a name that a file gives for another one beside it leads nowhere else."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0")


def weights_of(folder: Path, part: str) -> list[Path]:
    """The weight files of a part that are read: those its listing names, else all of them."""
    listings = sorted((folder / part).glob("*.safetensors.index.json"))
    named = {shard for path in listings for shard in _shards(path) if Path(shard).name == shard}
    found = [folder / part / shard for shard in sorted(named)] or sorted((folder / part).glob("*.safetensors"))
    return [path for path in found if path.exists()]


def content_of(place: Path) -> Hashable:
    """What tells the files of a part from others: the hashes a hub's cache names them by, else which files they are.

    Two repositories on one disk that hold the same files have equal ones.
    """
    told: list[Hashable] = []
    for path in sorted(place.glob("*.safetensors")):
        name, facts = path.resolve().name, path.stat()
        told.append(name if HASH.fullmatch(name) else (facts.st_dev, facts.st_ino, facts.st_mtime_ns))
    try:
        told.append((place / "config.json").read_bytes())
    except OSError:
        told.append(str(place))
    return tuple(told)


def bytes_of_weights(folder: Path) -> int:
    """Bytes of all weight files that are read."""
    return sum(path.stat().st_size for part in parts_of(folder) for path in weights_of(folder, part))


def has_part(folder: Path, part: str) -> bool:
    """Whether the checkpoint has an optional part."""
    return part in parts_of(folder)


def _missing_of(folder: Path, part: str) -> list[str]:
    place = folder / part
    if not place.is_dir():
        return [f"{part}/"]
    if not (place / "config.json").exists() and any((place / name).exists() for name in _WEIGHTLESS):
        return []
    indexes = list(place.glob("*.safetensors.index.json"))
    shards = {shard for path in indexes for shard in _shards(path)}
    lost = sorted(f"{part}/{shard}" for shard in shards if not is_plain(shard) or not (place / shard).exists())
    return lost if shards else [] if any(place.glob("*.safetensors")) else [f"{part}/*.safetensors"]


def _shards(index: Path) -> set[str]:
    try:
        return {str(shard) for shard in json.loads(index.read_text())["weight_map"].values()}
    except (OSError, ValueError, KeyError, AttributeError):
        return {index.name.removesuffix(".index.json")}
