"""What a download says where it cannot be: what is wrong and what to do, in a sentence or two, never a traceback."""

import os
import socket

import pytest
from django.core.management import CommandError

from tests.fixtures.hub import NAME, files, manage, models
from tests.fixtures.hub_server import Hub
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed


def refusal() -> str:
    with pytest.raises(CommandError) as failed:
        models("download", "ltx2.3")
    assert failed.value.returncode == 1
    assert installed.folder_of(Checkpoint(NAME)) is None
    return str(failed.value)


def test_a_gated_repository_says_where_to_accept_its_terms_and_what_to_do_then(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    hub.repositories[NAME].gated = True
    done = manage("download", "ltx2.3")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"CommandError: {NAME} is given only to people who accepted its terms. Sign in at {hub.url}/{NAME}, accept "
        "them, make a token under Settings, Access Tokens, and run this again with HF_TOKEN set to it.\n"
    )
    assert hub.sent == 0
    monkeypatch.setenv("HF_TOKEN", Hub.TOKEN)
    assert "LTX-2.3 is in " in models("download", "ltx2.3")


def test_a_token_that_the_hub_does_not_take_is_named(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    monkeypatch.setenv("HF_TOKEN", "hf_of_yesterday")
    assert refusal() == (
        "The model hub does not take the token of this machine (401). Make a new one and set HF_TOKEN to it."
    )


def test_an_unknown_and_a_private_repository_look_the_same(hub, settings):
    hub.repositories[NAME].private = True
    hub.repositories[NAME].commit(files())
    assert refusal() == f"There is neither a folder nor a repository {NAME}. (A private one needs HF_TOKEN.)"
    settings.LTX_CHECKPOINT = "studio/nobody-made-this"
    assert refusal().startswith("There is neither a folder nor a repository studio/nobody-made-this.")
    settings.LTX_CHECKPOINT = "not a name/of a repository"
    assert refusal().startswith("There is neither a folder nor a repository not a name/of a repository.")


@pytest.mark.parametrize("revision", ["v9", "f" * 40])
def test_an_unknown_revision_is_named(hub, settings, revision):
    hub.repositories[NAME].commit(files())
    settings.LTX_REVISION = revision
    assert refusal() == f"{NAME} has no revision {revision}. Correct the setting that names it."


def test_a_repository_of_another_kind_is_refused_before_anything_is_fetched(hub):
    hub.repositories[NAME].commit({"config.json": b"{}", "model.safetensors": b"x" * 999})
    assert refusal() == f"{NAME} holds no model_index.json, so it is not a diffusers checkpoint. Name another one."
    assert hub.sent == 0


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, "The model hub answered with the error 500. Run this again later; it goes on where it stopped."),
        (429, "The model hub has had enough questions from here (429). Run this again in some minutes."),
    ],
)
def test_a_hub_that_is_out_of_order_says_so(hub, status, told):
    hub.broken = status
    assert refusal() == told


def test_a_page_that_is_no_hub_is_recognised(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    hub.page = b"<html>Sign in to this hotel's network</html>"
    assert refusal() == (
        f"What answers at {hub.url} is not a model hub. Sign in to this network, or correct HF_ENDPOINT."
    )


def test_without_a_network_the_ways_out_are_named(hub, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = manage("download", "ltx2.3", HF_ENDPOINT=address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "CommandError: The model hub cannot be reached from this machine. Run this again with a network: what was "
        "fetched is kept. Or copy the checkpoint's folder here from another machine and name it in the setting.\n"
    )
    done = manage("download", "ltx2.3", HF_HUB_OFFLINE="1")
    assert done.stderr == "CommandError: HF_HUB_OFFLINE forbids to ask the model hub. Unset it and run this again.\n"


def test_a_disk_that_is_too_small_is_found_before_anything_is_fetched(hub):
    repository = hub.repositories[NAME]
    repository.commit(files())
    repository.declared["transformer/model-1-of-2.safetensors"] = 10**15
    told = refusal()
    assert told.startswith("1000000.0 GB are to be fetched and ")
    assert told.endswith(" GB free. Free some space, or name a folder on another disk in HF_HOME.")
    names = ("model_index.json", "transformer/model.safetensors.index.json")  # they say what the rest is
    assert hub.sent == sum(len(files()[name]) for name in names)
    assert not installed.hub_cache().exists()


def test_a_place_that_cannot_be_written_to_is_named(hub, monkeypatch, tmp_path):
    hub.repositories[NAME].commit(files())
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "a-file"))
    assert refusal() == f"The files cannot be kept in {tmp_path / 'a-file'}: Not a directory."


def test_a_repository_for_another_pipeline_is_fetched_and_then_refused(hub):
    other = files() | {"model_index.json": b'{"_class_name":"WanPipeline","transformer":["diffusers","T"]}'}
    hub.repositories[NAME].commit(other)
    with pytest.raises(CommandError, match=r"holds a WanPipeline, which ltx2\.3 cannot run"):
        models("download", "ltx2.3")


def test_the_environment_of_these_tests_names_no_other_hub():
    assert "HF_ENDPOINT" not in os.environ
    assert "HF_TOKEN" not in os.environ
