"""A hub that means ill: what it calls its files decides nothing about where they are written here."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.fixtures.hub import NAME, files, folder, models
from videogen.pipelines.weights import installed, verify

SHARD = "transformer/model-1-of-2.safetensors"
CONFIG = "transformer/config.json"
UP = "../" * 4  # from the blobs, or a folder of the snapshot, to the folder of the hub's cache and beyond


def around(tmp_path: Path) -> set[str]:
    """Everything that is not in the hub's cache."""
    cache = installed.hub_cache()
    return {str(path) for path in tmp_path.parent.rglob("*") if path.is_file() and not path.is_relative_to(cache)}


@pytest.fixture
def precious(tmp_path) -> Path:
    """A file beside the hub's cache, which is nobody's business."""
    path = tmp_path / "precious"
    path.write_text("mine")
    return path


@pytest.mark.parametrize("name", [f"{UP}evil", "/tmp/evil", "short", "A" * 64, "g" * 40, ""])
@pytest.mark.parametrize("path", [SHARD, CONFIG])
def test_a_hash_that_is_none_writes_nothing(hub, tmp_path, precious, path, name):
    # Catches a blob written wherever an `oid` with ../ leads.
    hub.repositories[NAME].commit(files())
    hub.repositories[NAME].hashes[path] = name or " "
    before = around(tmp_path)
    with pytest.raises(CommandError, match="a hash that is none"):
        models("download", "ltx2.3")
    assert around(tmp_path) == before
    assert hub.sent == 0


@pytest.mark.parametrize("path", ["transformer/{}precious", "transformer/./x", "x//y", "a\\..\\b/c", "transformer/*"])
def test_a_path_that_leads_out_deletes_and_writes_nothing(hub, tmp_path, precious, path):
    # Catches the removal of a file that is "not whole", wherever its path leads.
    path = path.format("../" * 5)
    hub.repositories[NAME].commit(files() | {path: b"evil"})
    before = around(tmp_path)
    with pytest.raises(CommandError, match="no plain path"):
        models("download", "ltx2.3")
    assert around(tmp_path) == before
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("sha", [f"{UP}evil", "main", "F" * 40])
def test_a_commit_that_is_none_is_refused(hub, tmp_path, sha):
    hub.repositories[NAME].commit(files())
    hub.repositories[NAME].sha = sha
    before = around(tmp_path)
    with pytest.raises(CommandError, match="a commit that is none"):
        models("download", "ltx2.3")
    assert around(tmp_path) == before


def test_a_name_that_only_an_answer_gives_is_not_believed(hub, tmp_path):
    # Catches huggingface_hub writing a file where its ETag leads, after the listing was found to be good.
    hub.repositories[NAME].commit(files())
    hub.repositories[NAME].etags[CONFIG] = f"{UP}evil"
    before = around(tmp_path)
    models("download", "ltx2.3")
    assert around(tmp_path) == before
    assert (folder() / CONFIG).read_bytes() == files()[CONFIG]


def test_a_file_whose_name_is_no_hash_is_not_verified(hub):
    # Catches a check that passes what it cannot compare.
    hub.repositories[NAME].commit(files())
    models("download", "ltx2.3")
    place = folder() / CONFIG
    blob = place.resolve()
    other = blob.with_name("looks-like-a-file")
    blob.rename(other)
    place.unlink()
    place.symlink_to(other)
    with pytest.raises(CommandError, match="1 file of studio/ltx is not as it should be"):
        models("verify", "ltx2.3")
    assert not verify.is_published(other, "short")


@pytest.mark.parametrize("shard", ["../../../precious", "/etc/hostname", 7, ["x"]])
def test_a_shard_that_leads_out_of_its_folder_is_missing(tmp_path, precious, shard):
    # Catches weights read from anywhere on the machine, named by the index of a hostile checkpoint.
    place = tmp_path / "a" / "b" / "transformer"
    place.mkdir(parents=True)
    (place / "config.json").write_text("{}")
    (place / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"w": shard}}))
    (tmp_path / "a" / "b" / "model_index.json").write_text('{"transformer": ["diffusers", "T"], "../x": ["a", "b"]}')
    assert len(installed.missing_files(tmp_path / "a" / "b", anew=True)) == 1
