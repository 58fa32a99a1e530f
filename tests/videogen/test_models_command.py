"""manage.py models: what is here, what to do, and what is wrong with files."""

import hashlib
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.guards.tree import ROOT
from tests.videogen.test_models_choice import WEIGHTS, checkpoint, libraries, ltx
from videogen.pipelines import installed

__all__ = ["libraries", "ltx"]


def models(*words: str) -> str:
    said = StringIO()
    call_command("models", *words, stdout=said)
    return said.getvalue()


def test_a_machine_without_weights_is_told_in_two_lines_what_to_do(libraries):
    said = models()
    assert "Clips: Animatic is the default." in said
    first, second = said.splitlines()[-2:]
    assert first.startswith("To film with LTX-2.3: “manage.py models download ltx2.3”")
    assert second == "Until then the animatic makes the frames and the clips; nothing else has to be done."


def test_without_the_libraries_they_come_first(monkeypatch):
    monkeypatch.setattr(installed, "LIBRARIES", ("no_such_library",))
    assert "To film with LTX-2.3: “make install”, then “manage.py models download ltx2.3”" in models("list")
    with pytest.raises(CommandError, match="no_such_library is not installed"):
        models("download", "ltx2.3")


def test_what_is_installed_is_listed_with_its_size(settings, ltx):
    settings.VIDEO_MODEL = "ltx2.3"
    said = models("list")
    assert "* ltx2.3            runs here; 0.0 MB of disk" in said
    assert "ltx2.3-distilled  not installed; needs 71 GB of weights" in said
    assert "To film" not in said


def test_a_folder_is_not_downloaded(ltx):
    with pytest.raises(CommandError, match="nothing to download"):
        models("download", "ltx2.3")


def test_listing_imports_neither_torch_nor_the_hub(tmp_path):
    code = (
        "import sys, django; django.setup(); from django.core.management import call_command; call_command('models');"
        "print('LOADED', *({'torch', 'diffusers', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED"


needs_hub = pytest.mark.skipif(
    bool(installed.missing_libraries()), reason="The extra ltx is not installed: nothing here can ask the model hub."
)


@needs_hub
def test_without_a_network_the_download_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "models", "download", "ltx2.3"],
        cwd=ROOT,
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("CommandError: The model hub cannot be reached from this machine.")
    assert "Traceback" not in done.stderr


@needs_hub
def test_a_disk_without_room_is_found_before_anything_is_fetched():
    from videogen.pipelines import hub

    hub.check_room(0)
    with pytest.raises(hub.DownloadError, match="Free some space, or name a folder on another disk in HF_HOME"):
        hub.check_room(10**18)


@needs_hub
def test_files_that_are_cut_short_are_found(ltx):
    assert "lengths (a plain folder has no hashes) of all files are right" in models("verify", "ltx2.3")
    weights = ltx / "transformer" / "model-1-of-2.safetensors"
    weights.write_bytes(WEIGHTS + b"x")
    with pytest.raises(CommandError, match=r"1 files of .* are not as they should be"):
        models("verify", "ltx2.3")


@needs_hub
def test_files_of_the_hubs_cache_are_checked_against_their_hashes(settings, monkeypatch, tmp_path, libraries):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    settings.LTX_CHECKPOINT, settings.LTX_REVISION = "owner/name", "b" * 40
    repository = tmp_path / "models--owner--name"
    folder = checkpoint(repository / "snapshots" / ("b" * 40))
    (repository / "blobs").mkdir()
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        into_cache(path, repository / "blobs")
    assert "hashes and lengths of all files are right" in models("verify", "ltx2.3")
    index = (folder / "model_index.json").resolve()
    index.write_text(index.read_text() + " ")
    with pytest.raises(CommandError):
        models("verify", "ltx2.3")


def into_cache(path: Path, blobs: Path) -> None:
    """Move a file where the hub's cache keeps it: weights by their sha256, small files by git's hash of them."""
    data = path.read_bytes()
    small = path.suffix == ".json"
    name = hashlib.sha1(b"blob %d\0" % len(data) + data) if small else hashlib.sha256(data)
    blob = blobs / name.hexdigest()
    path.replace(blob)
    path.symlink_to(blob)
