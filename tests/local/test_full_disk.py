"""`make run` on a disk of its own that is filled to the last byte, and then has space again."""

import os
import shutil
import subprocess
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fixtures.runs import READY_SECONDS, Run, wait_until

USER = [] if os.geteuid() == 0 else ["--user"]
UNSHARE = ("unshare", "--mount", *(["--map-root-user"] if USER else []))
MOUNT = "mount -t tmpfs -o size=150m,mode=700 storyreel"


def _can_mount() -> bool:
    """Whether this person may have a disk of their own: on Linux, as root or with user namespaces."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*UNSHARE, "sh", "-c", f"{MOUNT} /mnt"], stderr=subprocess.DEVNULL).returncode == 0


pytestmark = [
    pytest.mark.long,
    pytest.mark.worker,
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(not _can_mount(), reason="this machine lets nobody mount a disk"),
]


class OnSmallDisk(Run):
    """A run whose VAR_DIR is a disk of its own, which only its processes see."""

    outside = (*UNSHARE, "sh", "-c", f'{MOUNT} "$VAR_DIR" && exec "$@"', "sh")

    @property
    def inside(self) -> list[str]:
        return ["nsenter", "--target", str(self.process.pid), *USER, "--mount", "--wd"]

    @property
    def _filler(self) -> Path:
        return Path(f"/proc/{self.process.pid}/root{self.var_dir}/filler")

    def fill(self) -> None:
        """Leave no byte."""
        with self._filler.open("wb", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def make_space(self) -> None:
        self._filler.unlink()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnSmallDisk]:
    monkeypatch.setenv("DISK_RESERVE_MB", "8")
    (tmp_path / "var").mkdir()
    run = OnSmallDisk(tmp_path / "var")
    yield run
    run.kill()


def test_a_run_whose_disk_was_full_heals_by_itself(run):
    # Catches a site that is down once VAR_DIR is full, and stays down when there is space again.
    run.wait_ready()
    token = run.manage("apitoken", "alice")
    scene = f"/{run.call(token, 'GET', '')['items'][0]['id']}"
    block = run.call(token, "GET", scene)["blocks"][3]["id"]
    ask = {"blockId": block, "role": "start", "width": 320, "height": 192}

    run.fill()
    wait_until(lambda: run.health()["status"] != "ok", 30, run.output)
    assert any("disk is almost full" in reason for reason in run.health()["reasons"])
    assert run.get("/login/")[0] == 200
    assert len(run.call(token, "GET", scene)["blocks"]) > 3
    with pytest.raises(urllib.error.HTTPError) as refused:
        run.call(token, "POST", f"{scene}/blocks/frame", **ask)
    refused.value.close()
    assert refused.value.code == 507
    programs = {process.pid for process in psutil.Process(run.process.pid).children()}

    run.make_space()
    wait_until(lambda: run.health()["status"] == "ok", 60, run.output)
    assert {process.pid for process in psutil.Process(run.process.pid).children()} == programs
    run.call(token, "POST", f"{scene}/blocks/frame", **ask)
    done = f"{scene}/blocks/{block}/frames/start"
    wait_until(lambda: run.call(token, "GET", done)["status"] == "succeeded", READY_SECONDS, run.output)
    assert "none lost, none doubled" in run.manage("check_nothing_lost")
