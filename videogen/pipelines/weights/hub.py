"""Getting a checkpoint from the model hub. Only `manage.py models` imports this."""

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, get_cached_repo_tree, get_hf_file_metadata, hf_hub_url, snapshot_download
from huggingface_hub.errors import (
    CachedRepoTreeNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import build_hf_headers, disable_progress_bars, filter_repo_objects

from videogen.errors import shown
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed, transfer, verify
from videogen.pipelines.weights.progress import DownloadProgress, amount

# What a pipeline reads: its index and the files of its parts. Beside them repositories keep the same weights in one
# large file, in other formats, and pictures.
ALLOWED = [installed.INDEX, "*/*"]
IGNORED = [f"*.{ending}" for ending in ("bin", "pt", "pth", "ckpt", "gguf", "onnx", "msgpack", "mp4", "png", "jpg")]
# The paths of a checkpoint: of plain names, so that none leads out of its folder, and none is a pattern.
PATH = re.compile(r"(?:\w[\w.+@=-]*/)*\w[\w.+@=-]*", re.ASCII)
SPARE_BYTES = 2 * 10**9  # what a disk keeps free after a download
_DISTRUST = "Nothing was fetched. Do not use this repository, or correct HF_ENDPOINT."
ANSWER_SECONDS = 15.0  # for one question about a repository


class DownloadError(Exception):
    """A download that cannot be. The message says what to do."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as the hub lists it. path: inside the checkpoint. size: bytes. name: its hash, the name of its blob."""

    path: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is at a commit of a repository, and what of it is not here yet."""

    checkpoint: Checkpoint
    commit: str
    files: tuple[File, ...]

    @property
    def repository(self) -> Path:
        """The folder of the repository in the hub's cache."""
        return installed.repository_of(self.checkpoint)

    @property
    def folder(self) -> Path:
        """The folder of the commit's files."""
        return self.repository / "snapshots" / self.commit

    @property
    def wanted(self) -> list[transfer.Wanted]:
        """The files to fetch; of files with the same content, one."""
        lacking = {file.name: file for file in self.files if not self.has(file)}
        return [
            transfer.Wanted(
                hf_hub_url(self.checkpoint.source, file.path, revision=self.commit, endpoint=_endpoint()),
                self.repository / "blobs" / file.name,
                file.size,
            )
            for file in lacking.values()
        ]

    @property
    def missing(self) -> int:
        """Bytes to fetch."""
        return sum(file.missing for file in self.wanted)

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def places(self, file: File) -> tuple[Path, Path]:
        """Where a file can be: its blob; and in the snapshot, which is a link to the blob wherever links can be."""
        return self.repository / "blobs" / file.name, self.folder / file.path

    def has(self, file: File) -> bool:
        """Whether the whole of a file is here."""
        return any(path.is_file() and path.stat().st_size == file.size for path in self.places(file))


def plan(checkpoint: Checkpoint) -> Plan:
    """Ask the hub what is to be fetched. Changes nothing here. Raises DownloadError."""
    api = HfApi(endpoint=_endpoint())
    source, revision = checkpoint.source, checkpoint.revision
    with _explained(checkpoint):
        if revision is None or not installed.COMMIT.fullmatch(revision):
            revision = _commit(api.model_info(source, revision=revision, timeout=ANSWER_SECONDS).sha)
        # A gated repository shows its listing to everybody and its files to some.
        index = hf_hub_url(source, installed.INDEX, revision=revision, endpoint=_endpoint())
        get_hf_file_metadata(index, timeout=ANSWER_SECONDS, endpoint=_endpoint())
        listed = [entry for entry in api.list_repo_tree(source, recursive=True, revision=revision) if _is_file(entry)]
        files = tuple(_file(entry) for entry in _read_of(listed))
    return Plan(checkpoint, revision, files)


def _commit(sha: object) -> str:
    if not isinstance(sha, str) or not installed.COMMIT.fullmatch(sha):
        raise DownloadError(f"What answers at {_endpoint()} names a commit that is none: {shown(sha)}. {_DISTRUST}")
    return sha


def _file(one: RepoFile) -> File:
    """Return a file of the hub's listing. What it is called here decides where it is written, so nothing is taken on
    trust. Raises DownloadError.
    """
    name = one.lfs.sha256 if one.lfs else one.blob_id
    if not isinstance(one.path, str) or not PATH.fullmatch(one.path):
        raise DownloadError(f"The repository lists a file at {shown(one.path)}, which is no plain path. {_DISTRUST}")
    if not isinstance(name, str) or not installed.HASH.fullmatch(name) or not isinstance(one.size, int) or one.size < 0:
        raise DownloadError(f"The repository lists {one.path} with a hash that is none: {shown(name)}. {_DISTRUST}")
    return File(one.path, one.size, name)


def check_room(wanted: int) -> None:
    """Raises DownloadError where the disk of the cache has not `wanted` bytes and some to spare."""
    place = installed.hub_cache()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < wanted + SPARE_BYTES:
        raise DownloadError(
            f"{amount(wanted)} are to be fetched and {place} has {amount(free)} free. "
            "Free some space, or name a folder on another disk in HF_HOME."
        )


def fetch(planned: Plan, progress: DownloadProgress) -> Path:
    """Fetch what is missing and return the folder; what an earlier run fetched is kept. Raises DownloadError.

    Until `adopt` the installation goes on with the commit it had.
    """
    with _explained(planned.checkpoint), _alone(planned):
        for file in planned.files:
            if not planned.has(file):
                for path in planned.places(file):
                    path.unlink(missing_ok=True)
        (planned.repository / "blobs").mkdir(parents=True, exist_ok=True)
        _borrow(planned)
        # Larger files come by another protocol only, which is huggingface_hub's own.
        usual = [file for file in planned.wanted if file.size <= constants.MAX_HTTP_DOWNLOAD_SIZE]
        transfer.fetch_all(usual, build_hf_headers(), progress)
        _sweep(planned)
        return _link(planned, shows_bars=len(usual) < len(planned.wanted))


def _borrow(planned: Plan) -> None:
    """Link to the files that another repository here has: a draft and its dev model share all but the transformer.

    Only files named by sha256 are taken, and only as what they are: the other repository may be removed.
    """
    for file in planned.files:
        if len(file.name) != 64 or planned.has(file):
            continue
        for place in installed.hub_cache().glob(f"models--*/blobs/{file.name}"):
            if place.is_file() and place.stat().st_size == file.size:
                with contextlib.suppress(OSError):  # another disk, or one without links: then it is fetched
                    os.link(place, planned.places(file)[0])
                    break


def _sweep(planned: Plan) -> None:
    """Remove what downloads of other commits left unfinished: gigabytes that nothing would ever look at again."""
    for part in (planned.repository / "blobs").glob(f"*{transfer.UNFINISHED}"):
        if "." not in part.name.removesuffix(transfer.UNFINISHED):  # huggingface_hub's own have one, and may be in use
            part.unlink()


def _lay_out(planned: Plan) -> None:
    """Link the files of the snapshot to their blobs, where links can be.

    huggingface_hub asks the hub again for the name of each file that has no link, and believes what it is told.
    """
    for file in planned.files:
        blob, place = planned.places(file)
        if blob.is_file() and not place.exists():
            place.unlink(missing_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):
                place.symlink_to(os.path.relpath(blob, place.parent))


def _link(planned: Plan, *, shows_bars: bool) -> Path:
    """Have huggingface_hub complete the snapshot and keep the listing; it fetches nothing that was not planned."""
    _lay_out(planned)
    with contextlib.nullcontext() if shows_bars else disable_progress_bars():
        return Path(
            snapshot_download(
                planned.checkpoint.source,
                revision=planned.commit,
                allow_patterns=[file.path for file in planned.files],
                cache_dir=installed.hub_cache(),
                endpoint=_endpoint(),
            )
        )


def adopt(planned: Plan) -> None:
    """From now on the checkpoint is this commit. Raises DownloadError for one without all its files.

    The last step of a download, so that none that fails, or is refused, takes from an installation what it has.
    """
    if missing := installed.missing_files(planned.folder, anew=True):
        raise DownloadError(
            f"{planned.checkpoint.source} lacks {missing[0]} at its commit {planned.commit}, so this installation "
            "stays as it was. Name another commit, or wait for the repository's next one."
        )
    ref = installed.ref_of(planned.checkpoint)
    if ref is None:
        return
    with _explained(planned.checkpoint):
        ref.parent.mkdir(parents=True, exist_ok=True)
        beside = ref.with_name(f"{ref.name}.{os.getpid()}")
        beside.write_text(planned.commit)
        beside.replace(ref)


def drop(planned: Plan, paths: list[str]) -> None:
    """Remove files that are not as they should be, so that `fetch` brings them again. Raises DownloadError.

    Where a good blob is behind one, `fetch` needs no network for it.
    """
    with _explained(planned.checkpoint):
        for file in planned.files:
            if file.path in paths:
                blob, place = planned.places(file)
                place.unlink(missing_ok=True)
                if blob.is_file() and not verify.is_published(blob, file.name):
                    blob.unlink()


def published(checkpoint: Checkpoint, commit: str) -> dict[str, int] | None:
    """The files a checkpoint has at a commit and their bytes, as a download kept them; None where none did."""
    try:
        files = get_cached_repo_tree(checkpoint.source, revision=commit, cache_dir=installed.hub_cache())
    except CachedRepoTreeNotFoundError:
        return None
    return {entry.path: entry.size for entry in _read_of(files)}


def _read_of(files: Iterable[Any]) -> list[Any]:
    """The files of a listing that a pipeline reads."""
    return list(filter_repo_objects(files, allow_patterns=ALLOWED, ignore_patterns=IGNORED, key=lambda file: file.path))


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT


def _is_file(one: Any) -> bool:
    return isinstance(one, RepoFile)


@contextmanager
def _alone(planned: Plan) -> Iterator[None]:
    """No two downloads of one repository write into the same files. Raises DownloadError for the second."""
    path = installed.hub_cache() / ".locks" / planned.repository.name / "storyreel.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(f"Another download of {planned.checkpoint} is running on this machine.") from None
        yield


@contextmanager
def _explained(checkpoint: Checkpoint) -> Iterator[None]:
    """What goes wrong with the hub or the disk becomes a DownloadError."""
    try:
        yield
    except transfer.DamagedError as error:
        raise DownloadError(
            f"{error} came twice and was not what was published. Run this again; if it stays so, a proxy between this "
            "machine and the hub changes what passes through it."
        ) from error
    except (httpx2.HTTPError, HFValidationError, json.JSONDecodeError, OSError) as error:
        # huggingface_hub looks for what is here where it cannot ask, and tells of the question second.
        cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
        raise DownloadError(_advice(cause, checkpoint)) from error


def _advice(error: BaseException | None, checkpoint: Checkpoint) -> str:
    """What went wrong and what to do about it."""
    source = checkpoint.source
    match error:
        case GatedRepoError():
            page = f"{_endpoint()}/{source}"
            return (
                f"{source} is given only to people who accepted its terms. Sign in at {page}, accept them, make a "
                "token under Settings, Access Tokens, and run this again with HF_TOKEN set to it."
            )
        case RevisionNotFoundError():
            return f"{source} has no revision {checkpoint.revision}. Correct the setting that names it."
        case RemoteEntryNotFoundError():
            return f"{source} holds no {installed.INDEX}, so it is not a diffusers checkpoint. Name another one."
        case RepositoryNotFoundError() | HFValidationError():
            return f"There is neither a folder nor a repository {source}. (A private one needs HF_TOKEN.)"
        case HfHubHTTPError():
            return _refusal(error.response.status_code)
        case json.JSONDecodeError():
            return f"What answers at {_endpoint()} is not a model hub. Sign in to this network, or correct HF_ENDPOINT."
        case OfflineModeIsEnabled():
            return "HF_HUB_OFFLINE forbids to ask the model hub. Unset it and run this again."
        case OSError() if not isinstance(error, httpx2.HTTPError | ConnectionError):
            return f"The files cannot be kept in {installed.hub_cache()}: {error.strerror or error}."
    return (
        "The model hub cannot be reached from this machine. Run this again with a network: what was fetched is kept. "
        "Or copy the checkpoint's folder here from another machine and name it in the setting."
    )


def _refusal(status: int) -> str:
    if status in (401, 403):
        return (
            f"The model hub does not take the token of this machine ({status}). Make a new one and set HF_TOKEN to it."
        )
    if status == 429:
        return "The model hub has had enough questions from here (429). Run this again in some minutes."
    return f"The model hub answered with the error {status}. Run this again later; it goes on where it stopped."
