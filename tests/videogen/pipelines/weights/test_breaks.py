"""Downloads that break, and files that do: the next run fetches what is missing and nothing else."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from django.core.management import CommandError

from tests.fixtures.hub import NAME, files, folder, models, read_by_pipelines
from tests.fixtures.hub_server import Hub, blob_name
from tests.fixtures.stack import wait_for
from tests.fixtures.tree import ROOT
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed
from videogen.pipelines.weights.progress import DownloadProgress
from videogen.pipelines.weights.transfer import DamagedError, Wanted, fetch_all

SHARD = "transformer/model-2-of-2.safetensors"
PARTS = read_by_pipelines(files())
ALL = sum(map(len, set(PARTS.values())))  # files with the same content are fetched once
KEPT = 2**20  # what came before a cut at a million bytes: the hub sends whole chunks


def ranges(hub: Hub, path: str = SHARD) -> list[str]:
    return [request.range for request in hub.of(path) if request.path.startswith("/storage/")]


def assert_whole() -> None:
    place = folder()
    assert {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()} == PARTS
    assert not list(installed.hub_cache().rglob("*.incomplete"))


def unfinished() -> list[int]:
    """The sizes of the files that are on their way; one that gets its name at this moment is none any more."""
    sizes = []
    for part in installed.hub_cache().rglob("*.incomplete"):
        with suppress(FileNotFoundError):
            sizes.append(part.stat().st_size)
    return sizes


# --- The connection ---------------------------------------------------------------------------------------------


def test_a_connection_that_is_cut_is_taken_up_where_it_ended(hub):
    hub.repositories[NAME].commit(files())
    hub.cut[SHARD] = 10**6
    models("download", "ltx2.3")
    first, second = ranges(hub)
    assert first == ""
    assert second == f"bytes={KEPT}-"
    assert hub.sent == ALL
    assert_whole()


def test_a_server_that_sends_no_ranges_sends_the_file_again(hub):
    hub.repositories[NAME].commit(files())
    hub.cut[SHARD], hub.ranges = 10**6, False
    models("download", "ltx2.3")
    assert hub.sent == ALL + KEPT
    assert_whole()


def test_a_killed_download_goes_on_inside_the_file(hub):
    hub.repositories[NAME].commit(files())
    hub.stall[SHARD] = 10**6
    command = [sys.executable, "manage.py", "models", "download", "ltx2.3"]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: unfinished() == [KEPT])
    finally:
        process.kill()
    process.wait()
    assert installed.folder_of(Checkpoint(NAME)) is None
    assert "not installed" in models("list")
    hub.stall.clear()
    hub.released.set()

    asked = len(hub.requests)
    said = models("download", "ltx2.3")
    fetched = [
        (request.range, request.sent)
        for request in hub.requests[asked:]
        if request.sent and "/api/" not in request.path
    ]
    assert fetched == [(f"bytes={KEPT}-", len(PARTS[SHARD]) - KEPT)]
    assert f"{NAME}: 1.0 MB of 4.0 MB are to be fetched." in said
    assert_whole()


def test_an_interrupted_download_says_that_nothing_is_lost(hub):
    hub.repositories[NAME].commit(files())
    hub.rate = 10**6
    command = [sys.executable, "manage.py", "models", "download", "ltx2.3"]
    # Whoever started these tests may have them ignore Ctrl-C, and a child inherits that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    wait_for(lambda: hub.sent > 10**6)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said == "CommandError: Stopped. Run this again; what was fetched is kept.\n"
    hub.rate, asked = 0, len(hub.requests)
    models("download", "ltx2.3")
    assert sum(request.sent for request in hub.requests[asked:] if "/api/" not in request.path) < ALL - 5 * 10**5
    assert_whole()


def test_what_was_begun_of_an_older_commit_does_not_stay_for_ever(hub):
    hub.repositories[NAME].commit(files())
    blobs = installed.repository_of(Checkpoint(NAME)) / "blobs"
    blobs.mkdir(parents=True)
    for name in ("a" * 64, "b" * 64 + ".1234abcd"):
        (blobs / f"{name}.incomplete").write_bytes(b"begun")
    models("download", "ltx2.3")
    (left,) = blobs.glob("*.incomplete")
    assert left.name == "b" * 64 + ".1234abcd.incomplete"  # another program's, which may be at it


def test_two_downloads_at_once_do_not_write_into_the_same_files(hub):
    hub.repositories[NAME].commit(files())
    hub.stall[SHARD] = 10**6
    command = [sys.executable, "manage.py", "models", "download", "ltx2.3"]
    first = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL)
    wait_for(lambda: hub.sent > 10**6)
    with pytest.raises(CommandError, match=f"Another download of {NAME} is running on this machine"):
        models("download", "ltx2.3")
    hub.released.set()
    assert first.wait(30) == 0
    assert_whole()


# --- One file, without a command --------------------------------------------------------------------------------


def fetch(hub: Hub, blobs: Path, waits: tuple[float, ...] = (0.0, 0.0)) -> Wanted:
    """Fetch the one shard into `blobs`."""
    repository = hub.repositories[NAME]
    commit = repository.refs.get("main") or repository.commit(files())
    blobs.mkdir(exist_ok=True)
    data = PARTS[SHARD]
    url = f"{hub.url}/{NAME}/resolve/{commit}/{SHARD}"
    wanted = Wanted(url, blobs / blob_name(SHARD, data), len(data))
    fetch_all([wanted], {}, DownloadProgress(len(data), 0, lambda text: None, terminal=False), waits)
    return wanted


def test_a_hub_that_fails_now_and_then_is_asked_again_and_one_that_never_answers_is_not_for_ever(hub, tmp_path):
    hub.broken = 503
    with pytest.raises(httpx2.HTTPError):
        fetch(hub, tmp_path / "blobs")
    assert len(hub.requests) == 3
    hub.broken = 403
    with pytest.raises(httpx2.HTTPError):
        fetch(hub, tmp_path / "blobs")
    assert len(hub.requests) == 4
    hub.broken = 0
    wanted = fetch(hub, tmp_path / "blobs")
    assert wanted.blob.read_bytes() == PARTS[SHARD]


def test_a_hub_that_goes_away_leaves_what_it_sent(hub, tmp_path):
    hub.cut[SHARD] = 10**6
    with pytest.raises(httpx2.TransportError):
        fetch(hub, tmp_path / "blobs", waits=())
    (part,) = (tmp_path / "blobs").iterdir()
    assert (part.suffix, part.stat().st_size) == (".incomplete", KEPT)


def test_bytes_that_changed_on_their_way_or_on_the_disk_are_fetched_once_more(hub, tmp_path):
    hub.damage.add(SHARD)
    assert fetch(hub, tmp_path / "blobs").blob.read_bytes() == PARTS[SHARD]
    assert ranges(hub) == ["", ""]
    wanted = fetch(hub, tmp_path / "others")
    wanted.blob.unlink()
    wanted.part.write_bytes(b"\0" * 10**6)  # the length survived a power cut and the bytes did not
    assert fetch(hub, tmp_path / "others").blob.read_bytes() == PARTS[SHARD]
    assert ranges(hub)[-2:] == ["bytes=1000000-", ""]


def test_a_file_that_is_not_what_was_published_is_never_taken(hub, tmp_path):
    repository = hub.repositories[NAME]
    commit = repository.commit(files())
    repository.commits[commit] = files() | {SHARD: PARTS[SHARD][:-1] + b"?"}
    with pytest.raises(DamagedError):
        fetch(hub, tmp_path / "blobs")
    assert list((tmp_path / "blobs").iterdir()) == []


# --- The files --------------------------------------------------------------------------------------------------


def cut_blob(path: Path) -> None:
    os.truncate(path.resolve(), 1000)


def alter_blob(path: Path) -> None:
    data = path.read_bytes()
    path.resolve().write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def lose_blob(path: Path) -> None:
    path.resolve().unlink()


def lose_link(path: Path) -> None:
    path.unlink()


def save_beside(path: Path) -> None:
    """As an editor saves: the link becomes a file."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-1] + b"?")


@pytest.mark.parametrize(
    ("broken", "path", "told"),
    [
        (cut_blob, SHARD, f"is 1000 bytes long and should be {len(PARTS[SHARD])}"),
        (alter_blob, SHARD, "does not have the hash it was published with"),
        (alter_blob, "model_index.json", "does not have the hash it was published with"),
        (lose_blob, SHARD, "is missing"),
        (lose_link, "tokenizer/tokenizer.json", "is missing"),  # no index promises this one
        (save_beside, "transformer/config.json", "is another file than the one that was published"),
    ],
)
def test_a_broken_file_is_found_and_the_advice_mends_it(hub, broken, path, told):
    commit = hub.repositories[NAME].commit(files())
    models("download", "ltx2.3")
    hub.repositories[NAME].commit(files(seed=7))  # a repair is no upgrade
    broken(folder() / path)
    with pytest.raises(CommandError) as failed:
        models("verify", "ltx2.3")
    assert str(failed.value) == (
        f"1 file of {NAME} is not as it should be. "
        "Run “manage.py models verify ltx2.3 --repair”: it fetches what is wrong anew, and nothing else."
    )
    before = hub.sent
    said = models("verify", "ltx2.3", "--repair")
    assert f"{path} {told}.\n" in said
    assert hub.sent - before == (0 if broken in (lose_link, save_beside) else len(PARTS[path]))
    assert folder().name == commit
    assert_whole()
    assert "hashes and lengths of all files are right" in models("verify", "ltx2.3")


def test_a_repair_without_a_hub_takes_nothing_away(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    models("download", "ltx2.3")
    alter_blob(folder() / SHARD)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="The model hub cannot be reached from this machine"):
        models("verify", "ltx2.3", "--repair")
    assert (folder() / SHARD).is_file()


@pytest.mark.parametrize("broken", [cut_blob, lose_blob, lose_link])
def test_a_download_mends_what_it_can_see_is_wrong(hub, broken):
    hub.repositories[NAME].commit(files())
    models("download", "ltx2.3")
    broken(folder() / SHARD)
    models("download", "ltx2.3")
    assert_whole()


def test_a_folder_that_somebody_copied_cannot_be_repaired_from_here(hub, settings, tmp_path):
    hub.repositories[NAME].commit(files())
    models("download", "ltx2.3")
    place = tmp_path / "copied"
    for path, data in PARTS.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    settings.LTX_CHECKPOINT = str(place)
    assert "lengths (a plain folder has no hashes)" in models("verify", "ltx2.3")
    os.truncate(place / SHARD, 1000)
    for words in (("verify", "ltx2.3"), ("verify", "ltx2.3", "--repair")):
        with pytest.raises(CommandError, match=f"Copy them into {place} again from where they came"):
            models(*words)
    assert (place / SHARD).stat().st_size == 1000
