"""The systemd units: the commands of compose.yaml, hardened, and valid where systemd can tell."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.fixtures.composed import SERVICES, words
from tests.fixtures.tree import ROOT

FOLDER = ROOT / "deploy/systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
PYTHON = "/srv/storyreel/.venv/bin/python"
INSTANCES = {  # unit -> service of compose.yaml, and the instance that is the same as it
    "storyreel-web.service": ("web", ""),
    "storyreel-worker@.service": ("videos", "videos"),
    "storyreel-gpu@.service": ("gpu", "0"),
    "storyreel-sweep.service": ("sweep", ""),
    "storyreel-beat.service": ("beat", ""),
}
MOST_EXPOSURE = {"storyreel-gpu@.service": 1.7}  # of 10, and 1.4 of the others, as `systemd-analyze security` counts it
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")


class Repeated(dict):
    """Keys that come again are kept, one a line, as systemd reads them."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def read(name: str) -> dict[str, list[str]]:
    parser = ConfigParser(dict_type=Repeated, strict=False, interpolation=None, delimiters="=")
    parser.optionxform = str
    parser.read_string((FOLDER / name).read_text())
    return {key: value.splitlines() for key, value in parser["Service"].items()}


def commands(name: str, instance: str = "") -> list[list[str]]:
    told = [line.replace("%i", instance).replace("%%", "%") for line in read(name)["ExecStart"]]
    return [["python" if word == PYTHON else word for word in shlex.split(line)] for line in told]


def test_every_unit_is_known_to_these_tests():
    assert set(UNITS) == {*INSTANCES, "storyreel-prepare.service"}


@pytest.mark.parametrize("name", INSTANCES)
def test_a_unit_runs_the_command_that_is_tried_in_compose(name: str):
    # tests/deploy/test_services.py runs those; a unit that differs would be tried by nobody.
    service, instance = INSTANCES[name]
    expected = words(SERVICES[service]["command"])
    if service == "gpu":
        expected = [word.replace("gpu@", f"gpu{instance}@") for word in expected]
    assert commands(name, instance) == [expected]


def test_the_unit_that_prepares_does_what_the_service_does():
    joined = " && ".join(" ".join(command) for command in commands("storyreel-prepare.service"))
    assert joined == words(SERVICES["prepare"]["command"])[-1]
    assert read("storyreel-prepare.service")["Type"] == ["oneshot"]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_hardened(name: str):
    told = read(name)
    assert told["User"] == ["storyreel"]
    assert told["CapabilityBoundingSet"] == [""] or told["CapabilityBoundingSet"] == []
    assert told["ProtectSystem"] == ["strict"]
    for setting in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "RestrictNamespaces", "RestrictSUIDSGID"):
        assert told[setting] == ["yes"], setting
    assert told["LoadCredential"] == ["secret_key:/etc/storyreel/secret_key"]
    assert "SECRET_KEY_FILE=%d/secret_key" in told["Environment"][0]


@pytest.mark.parametrize("name", ["storyreel-worker@.service", "storyreel-gpu@.service"])
def test_a_worker_that_is_stopped_puts_its_job_back(name: str):
    # Catches a signal to the whole group, which ends the child before it can.
    told = read(name)
    assert told["KillMode"] == ["mixed"]
    grace = int(re.search(r"WORKER_STOP_SECONDS=(\d+)", " ".join(told["Environment"]))[1])
    assert int(told["TimeoutStopSec"][0]) > grace + 15
    assert told["Restart"] == ["always"]


def test_manage_runs_with_the_settings_of_the_units(tmp_path: Path):
    # Catches a command by hand that makes a key and a database of its own. What systemd does is done by a stand-in.
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/told\nwhile [ "$1" != /bin/sh ]; do shift; done\n'
        f'cd {tmp_path} && CREDENTIALS_DIRECTORY=/credentials exec "$@"\n'
    )
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$SECRET_KEY_FILE" "$@"\n')
    for path in (stand_in, python):
        path.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / "deploy/manage", "backup", "/backups/a b"],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "/credentials/secret_key manage.py backup /backups/a b\n"
    told = (tmp_path / "told").read_text().splitlines()
    unit = read("storyreel-web.service")
    for setting in ("EnvironmentFile", "LoadCredential", "UMask"):
        assert f"--property={setting}={unit[setting][0]}" in told
    assert f"--uid={unit['User'][0]}" in told
    assert f"--setenv={unit['Environment'][0].split()[0]}" in told
    assert f"--working-directory={unit['WorkingDirectory'][0]}" in told


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units with a Python that is there."""
    folder = tmp_path_factory.mktemp("units")
    for path in FOLDER.iterdir():
        (folder / path.name).write_text(path.read_text().replace(PYTHON, sys.executable))
    return folder


def analyzed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], cwd=folder, capture_output=True, text=True)


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(here: Path):
    done = analyzed(here, "verify", *(f"./{path.name}" for path in sorted(here.iterdir())))
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_counts_little_exposure(here: Path, name: str):
    done = analyzed(here, "security", "--offline=true", "--no-pager", f"./{name}")
    exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)[1])
    assert exposure <= MOST_EXPOSURE.get(name, 1.4), done.stdout


@needs_systemd
def test_systemd_would_notice_a_setting_that_is_misspelt(here: Path, tmp_path: Path):
    text = (here / "storyreel-web.service").read_text().replace("ProtectHome=yes", "ProtectHome=perhaps")
    (tmp_path / "storyreel-web.service").write_text(text)
    assert "perhaps" in analyzed(tmp_path, "verify", "./storyreel-web.service").stderr
