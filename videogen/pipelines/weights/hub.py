"""Getting a checkpoint from the model hub. Only `manage.py models` imports this."""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, constants, get_cached_repo_tree, get_hf_file_metadata, hf_hub_url, snapshot_download
from huggingface_hub.errors import CachedRepoTreeNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import build_hf_headers, disable_progress_bars, filter_repo_objects

from videogen.errors import shown
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed, selection, transfer, verify
from videogen.pipelines.weights.hub_errors import DownloadError, endpoint, explained
from videogen.pipelines.weights.progress import DownloadProgress, amount

# Where a pipeline's files can be: the index, and files in folders. selection.py takes those of the parts.
ALLOWED = [installed.INDEX, "*/*"]
IGNORED = [f"*.{ending}" for ending in selection.OTHER_FORMATS]
# The paths of a checkpoint: of plain names, so that none leads out of its folder, and none is a pattern.
PATH = re.compile(r"(?:\w[\w.+@=-]*/)*\w[\w.+@=-]*", re.ASCII)
SPARE_BYTES = 2 * 10**9  # what a disk keeps free after a download
_DISTRUST = "Nothing was fetched. Do not use this repository, or correct HF_ENDPOINT."
MOST_SMALL = 32 * 2**20  # bytes of an index or a listing; real ones have some hundred kilobytes
ANSWER_SECONDS = 15.0  # for one question about a repository


@dataclass(frozen=True, slots=True)
class File:
    """A file as the hub lists it. path: inside the checkpoint. size: bytes. name: its hash, the name of its blob."""

    path: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is at a commit of a repository, and what of it is not here yet.

    known: bytes by hash of what was fetched to make the plan.
    """

    checkpoint: Checkpoint
    commit: str
    files: tuple[File, ...]
    known: Mapping[str, bytes] = field(default_factory=dict)

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
        return replace(self, files=tuple(file for file in self.files if not self.has(file))).all_wanted

    @property
    def all_wanted(self) -> list[transfer.Wanted]:
        """All files, whether they are here or not; of files with the same content, one."""
        different = {file.name: file for file in self.files}
        return [
            transfer.Wanted(
                hf_hub_url(self.checkpoint.source, file.path, revision=self.commit, endpoint=endpoint()),
                self.repository / "blobs" / file.name,
                file.size,
            )
            for file in different.values()
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

    def read(self, file: File) -> bytes | None:
        """Return the bytes of a file that is here as it was published; None where it is not."""
        if file.name in self.known:
            return self.known[file.name]
        for path in self.places(file):
            if path.is_file() and verify.is_published(path, file.name):
                return path.read_bytes()
        return None

    def has(self, file: File) -> bool:
        """Whether the whole of a file is here."""
        return any(path.is_file() and path.stat().st_size == file.size for path in self.places(file))


def plan(checkpoint: Checkpoint) -> Plan:
    """Ask the hub what is to be fetched. Changes nothing here. Raises DownloadError."""
    api = HfApi(endpoint=endpoint())
    source, revision = checkpoint.source, checkpoint.revision
    with explained(checkpoint):
        if revision is None or not installed.COMMIT.fullmatch(revision):
            revision = _commit(api.model_info(source, revision=revision, timeout=ANSWER_SECONDS).sha)
        # A gated repository shows its listing to everybody and its files to some.
        index = hf_hub_url(source, installed.INDEX, revision=revision, endpoint=endpoint())
        get_hf_file_metadata(index, timeout=ANSWER_SECONDS, endpoint=endpoint())
        listed = [entry for entry in api.list_repo_tree(source, recursive=True, revision=revision) if _is_file(entry)]
        files = tuple(_file(entry) for entry in _read_of(listed))
        return _selected(Plan(checkpoint, revision, files))


def _selected(everything: Plan) -> Plan:
    """Reduce a plan to what the index names. Fetches the index and the listings of shards, a few kilobytes, where they
    are not here. Raises DownloadError for a shard that the repository lacks.
    """
    files = {file.path: file for file in everything.files}
    small = [files[path] for path in selection.small_files(files)]
    if huge := [file for file in small if file.size > MOST_SMALL]:
        raise DownloadError(f"The repository lists {huge[0].path} with {amount(huge[0].size)}. {_DISTRUST}")
    lacking = tuple(file for file in small if everything.read(file) is None)
    planned = replace(everything, known=_fetched(replace(everything, files=lacking)))

    def read(path: str) -> bytes | None:
        return planned.read(files[path]) if path in files else None

    if absent := selection.named_and_absent(files, read):
        raise DownloadError(_lacks(everything, absent[0]))
    kept = selection.selected(files, read)
    return replace(planned, files=tuple(file for file in everything.files if file.path in kept))


def _fetched(planned: Plan) -> dict[str, bytes]:
    """Fetch small files and return their bytes by hash; nothing is written where the installation looks."""
    if not planned.files:
        return {}
    with tempfile.TemporaryDirectory() as name:
        place, quiet = Path(name), DownloadProgress(0, 0, lambda text: None, terminal=False)
        wanted = [replace(file, blob=place / file.blob.name) for file in planned.all_wanted]
        transfer.fetch_all(wanted, build_hf_headers(), quiet)
        return {path.name: path.read_bytes() for path in place.iterdir()}


def _lacks(planned: Plan, path: str) -> str:
    return (
        f"{planned.checkpoint.source} lacks {path} at its commit {planned.commit}, so this installation "
        "stays as it was. Name another commit, or wait for the repository's next one."
    )


def _commit(sha: object) -> str:
    if not isinstance(sha, str) or not installed.COMMIT.fullmatch(sha):
        raise DownloadError(f"What answers at {endpoint()} names a commit that is none: {shown(sha)}. {_DISTRUST}")
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
    place = installed.disk_of_cache()
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
    with explained(planned.checkpoint), _alone(planned):
        for file in planned.files:
            if not planned.has(file):
                for path in planned.places(file):
                    path.unlink(missing_ok=True)
        (planned.repository / "blobs").mkdir(parents=True, exist_ok=True)
        _put_known(planned, progress)
        _borrow(planned)
        # Larger files come by another protocol only, which is huggingface_hub's own.
        usual = [file for file in planned.wanted if file.size <= constants.MAX_HTTP_DOWNLOAD_SIZE]
        transfer.fetch_all(usual, build_hf_headers(), progress)
        _sweep(planned)
        return _link(planned, shows_bars=len(usual) < len(planned.wanted))


def _put_known(planned: Plan, progress: DownloadProgress) -> None:
    """Write what the plan was made from to its place."""
    for file in planned.files:
        if file.name in planned.known and not planned.has(file):
            blob = planned.places(file)[0]
            beside = blob.with_name(f"{blob.name}{transfer.UNFINISHED}")
            beside.write_bytes(planned.known[file.name])
            beside.replace(blob)
            progress.add(file.size)


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
                endpoint=endpoint(),
            )
        )


def adopt(planned: Plan) -> None:
    """From now on the checkpoint is this commit. Raises DownloadError for one without all its files.

    The last step of a download, so that none that fails, or is refused, takes from an installation what it has.
    """
    if missing := installed.missing_files(planned.folder, anew=True):
        raise DownloadError(_lacks(planned, missing[0]))
    ref = installed.ref_of(planned.checkpoint)
    if ref is None:
        return
    with explained(planned.checkpoint):
        ref.parent.mkdir(parents=True, exist_ok=True)
        beside = ref.with_name(f"{ref.name}.{os.getpid()}")
        beside.write_text(planned.commit)
        beside.replace(ref)


def discard(checkpoint: Checkpoint) -> None:
    """Remove what a download fetched that never became an installation: files that no snapshot names."""
    repository = installed.repository_of(checkpoint)
    kept = {path.resolve() for path in repository.glob("snapshots/**/*") if path.is_symlink()}
    for path in repository.glob("blobs/*"):
        if path.resolve() not in kept:
            path.unlink(missing_ok=True)


def drop(planned: Plan, paths: list[str]) -> None:
    """Remove files that are not as they should be, so that `fetch` brings them again. Raises DownloadError.

    Where a good blob is behind one, `fetch` needs no network for it.
    """
    with explained(planned.checkpoint):
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
    listed = {entry.path: entry.size for entry in _read_of(files)}
    folder = installed.repository_of(checkpoint) / "snapshots" / commit

    def read(path: str) -> bytes | None:
        with contextlib.suppress(OSError):
            return (folder / path).read_bytes()
        return None

    # Where the index or a listing cannot be read, what is here is looked at, and nothing is missed that never was.
    kept = selection.selected(listed, read)
    unsure = any(not selection.readable(read(path)) for path in selection.small_files(kept))
    return {path: listed[path] for path in kept if not unsure or (folder / path).exists() or _is_small(path)}


def _is_small(path: str) -> bool:
    return not path.endswith(selection.WEIGHTS)


def _read_of(files: Iterable[Any]) -> list[Any]:
    """The files of a listing that a pipeline reads."""
    return list(filter_repo_objects(files, allow_patterns=ALLOWED, ignore_patterns=IGNORED, key=lambda file: file.path))


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
