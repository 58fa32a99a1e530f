"""The list of workers: who is on it, and how they stay there."""

import os

import pytest
from django.utils import timezone

from videogen import pipelines
from videogen.models import Worker
from videogen.phase import Phase
from videogen.pipelines.weights import installed
from videogen.worker import presence
from videogen.worker.progress import noting_loaded

pytestmark = pytest.mark.postgres

ENTRY = {"queues": ["videos"], "pid": 4711, "device": "CPU", "offers": [], "loaded": ""}


def entry(**changes) -> dict[str, object]:
    return {**ENTRY, "started_at": timezone.now(), **changes}


def load(hostname: str, model: str) -> None:
    """What a pipeline tells when its weights are loaded for a job."""
    told: list[Phase] = []
    on_step = noting_loaded(
        lambda phase, step=0, steps=0: told.append(phase), hostname, pipelines.find("video", model), "NVIDIA H100"
    )
    phases = [Phase.LOADING, Phase.ENCODING, Phase.DENOISING]
    for phase in phases:
        on_step(phase)
    assert told == phases


def test_a_living_worker_whose_entry_was_deleted_enters_itself_again(transactional_db):
    mine = entry()
    presence.say_alive("videos@here", mine)
    Worker.objects.all().delete()
    presence.say_alive("videos@here", mine)
    assert [worker.name for worker in Worker.objects.alive()] == ["videos@here"]
    assert Worker.objects.get().queues == ["videos"]


def test_saying_that_one_is_alive_keeps_what_is_known_of_the_model_in_memory(transactional_db):
    mine = entry()
    presence.say_alive("videos@here", mine)
    load("videos@here", "ltx2.3")
    presence.say_alive("videos@here", mine)
    row = Worker.objects.get()
    assert (row.loaded, row.device) == ("LTX-2.3", "NVIDIA H100")


def test_a_worker_started_again_under_its_name_has_nothing_in_memory(transactional_db):
    presence.say_alive("videos@here", entry())
    load("videos@here", "ltx2.3")
    presence.say_alive("videos@here", entry(pid=4712))
    row = Worker.objects.get()
    assert (row.pid, row.loaded) == (4712, "")


def test_while_one_model_loads_the_other_has_left_and_the_animatic_changes_nothing(transactional_db):
    presence.say_alive("videos@here", entry())
    load("videos@here", "ltx2.3")
    load("videos@here", "animatic")
    assert Worker.objects.get().loaded == "LTX-2.3"
    draft = pipelines.find("video", "ltx2.3-distilled")
    on_step = noting_loaded(lambda phase, step=0, steps=0: None, "videos@here", draft, "NVIDIA H100")
    on_step(Phase.LOADING)
    assert Worker.objects.get().loaded == ""
    on_step(Phase.ENCODING)
    assert Worker.objects.get().loaded == "Draft"


def test_a_worker_that_stops_stops_no_other_machine_s_worker_of_the_same_number(settings, tmp_path, monkeypatch):
    # Catches containers that share a VAR_DIR: in each the parent is process 1, and all would put their jobs back.
    settings.VAR_DIR = tmp_path
    parent = os.getppid()
    presence.drain(parent)
    assert presence.is_draining()
    monkeypatch.setattr(presence, "node", lambda: "another-machine")
    assert not presence.is_draining()


def test_a_worker_tells_how_much_memory_is_free(transactional_db):
    presence.say_alive("videos@here", entry())
    assert 2**20 < Worker.objects.get().memory_free < 2**50


@pytest.mark.parametrize(
    ("visible", "says", "free"),
    [
        (None, "echo 93210", 93210 * 2**20),
        ("2,3", '[ "$1" = --id=2 ] && echo 7', 7 * 2**20),
        (None, "echo '[N/A]'", None),
        (None, "exit 6", None),
    ],
    ids=["the only GPU", "the first of those it may see", "nothing known", "the driver is away"],
)
def test_with_a_gpu_its_free_memory_is_told(tmp_path, monkeypatch, visible, says, free):
    # Catches a console that shows the machine's memory where the GPU's is what runs out.
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{says}\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(installed, "gpu", lambda: "NVIDIA H200")
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert installed.free_memory() == free
