"""manage.py models: what is here, what to do, and what is wrong with files."""

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.fixtures.checkpoints import WEIGHTS
from tests.fixtures.tree import ROOT
from videogen.pipelines.weights import installed


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


def test_what_is_installed_is_listed_with_its_size(settings, ltx_files):
    settings.VIDEO_MODEL = "ltx2.3"
    said = models("list")
    assert "* ltx2.3            runs here; 0.0 MB of disk" in said
    assert "ltx2.3-distilled  not installed; needs about 101 GB of disk" in said
    assert "To film" not in said


def test_a_folder_is_not_downloaded(ltx_files):
    with pytest.raises(CommandError, match="nothing to download"):
        models("download", "ltx2.3")


def test_listing_imports_neither_torch_nor_the_hub(tmp_path):
    code = (
        "import sys, django; django.setup(); from django.core.management import call_command; call_command('models');"
        "print('LOADED', *({'torch', 'diffusers', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_files_that_are_cut_short_are_found(ltx_files):
    assert "lengths (a plain folder has no hashes) of all files are right" in models("verify", "ltx2.3")
    weights = ltx_files / "transformer" / "model-1-of-2.safetensors"
    weights.write_bytes(WEIGHTS + b"x")
    with pytest.raises(CommandError, match=r"1 file of .* is not as it should be\. Copy them into .* again"):
        models("verify", "ltx2.3")
    weights.unlink()
    with pytest.raises(CommandError, match="1 file of"):
        models("verify", "ltx2.3")
