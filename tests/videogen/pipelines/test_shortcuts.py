"""What the settings of inexact clips are called, who is told of them, and what a machine that cannot is told."""

from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from tests.fixtures.callers import base
from tests.fixtures.pages import here, look, words_of
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from videogen.pipelines import choice, shortcuts
from videogen.pipelines.registry import FRAME_MODELS, VIDEO_MODELS
from videogen.pipelines.weights import installed
from videogen.worker.presence import missing_model


@pytest.fixture(autouse=True)
def _every_look_counts(monkeypatch) -> None:
    monkeypatch.setattr(choice, "OFFERS_SECONDS", -1)


@pytest.fixture
def card(monkeypatch, settings, ltx_files):
    """Pretends a GPU of a name and of what it can do; `libraries` are those that are installed."""
    settings.VIDEO_MODEL = "ltx2.3"

    def pretend(name: str | None, capability: float | None = None, *, library: bool = True) -> None:
        monkeypatch.setattr(installed, "gpu", lambda: name)
        monkeypatch.setattr(installed, "compute_capability", lambda: capability)
        monkeypatch.setattr(installed, "has_library", lambda _name: library)

    return pretend


def listed() -> str:
    told = StringIO()
    call_command("models", stdout=told)
    return told.getvalue()


@pytest.mark.parametrize(
    ("fp8", "skip", "words"),
    [
        ("off", 0, ""),
        ("weights", 0, "FP8 weights"),
        ("dynamic", 1, "FP8 weights and products, guidance every 2nd step"),
        ("off", 4, "guidance every 5th step"),
    ],
)
def test_every_take_says_the_same_of_the_same(fp8, skip, words):
    assert shortcuts.words(fp8, skip) == words


def test_only_what_a_pipeline_does_is_said_of_it(settings):
    # Catches "not exact" on the animatic, on pictures, and of guidance on a draft that has none.
    settings.LTX_FP8, settings.LTX_SKIP_STEP = "weights", 1
    said = {name: shortcuts.wanted(model) for name, model in VIDEO_MODELS.items() if model.checkpoint}
    assert said["ltx2.3"] == said["ltx2.3-final"] == "FP8 weights, guidance every 2nd step"
    assert said["ltx2.3-draft"] == said["ltx2.5"] == "FP8 weights"
    assert shortcuts.wanted(VIDEO_MODELS["animatic"]) == shortcuts.wanted(FRAME_MODELS["flux2-klein"]) == ""


@pytest.mark.parametrize(
    ("name", "capability", "library", "reason"),
    [
        (None, None, True, "which needs an NVIDIA GPU of compute capability 8.9 or newer; here a CPU would compute."),
        ("NVIDIA A100", 8.0, True, "compute capability 8.9 or newer; NVIDIA A100 has 8.0. Set LTX_FP8=weights, or"),
        ("NVIDIA H200", 9.0, False, "and torchao is not installed. Run “make install”, or leave LTX_FP8 out."),
    ],
)
def test_a_machine_that_does_not_multiply_in_8_bits_is_refused_by_name_before_a_job(
    settings, card, name, capability, library, reason
):
    # Catches a setting that is found out by the first job, on the far side of loading.
    card(name, capability, library=library)
    settings.LTX_FP8 = "dynamic"
    model = VIDEO_MODELS["ltx2.3"]
    assert reason in (choice.problem(model) or "")
    assert model.name not in choice.runnable_here()
    assert reason in (missing_model({"videos"}) or "")  # the worker does not start
    assert reason in listed()
    settings.LTX_FP8 = "off"
    assert choice.problem(model) is None


@pytest.mark.parametrize(("fp8", "name", "capability"), [("weights", None, None), ("dynamic", "NVIDIA L4", 8.9)])
def test_a_machine_that_can_is_not(settings, card, fp8, name, capability):
    card(name, capability)
    settings.LTX_FP8 = fp8
    assert choice.problem(VIDEO_MODELS["ltx2.3"]) is None


def test_a_card_that_nobody_can_ask_is_left_to_the_worker(settings, card):
    card("AMD GPU", None)
    settings.LTX_FP8 = "dynamic"
    assert choice.problem(VIDEO_MODELS["ltx2.3"]) is None


def test_the_driver_is_asked_what_the_card_can_do(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 8.6\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    installed.compute_capability.cache_clear()
    assert installed.compute_capability() == 8.6
    program.write_text("#!/bin/sh\nexit 9\n")
    installed.compute_capability.cache_clear()
    assert installed.compute_capability() is None
    installed.compute_capability.cache_clear()


def test_who_looks_at_the_models_sees_that_clips_are_not_exact(settings, card, alice):
    # Catches a shortcut that an operator forgot.
    card(None)
    alice.user_permissions.add(Permission.objects.get(codename="manage_models"))
    browser = signed_in(alice)
    assert "Not exact" not in words_of(browser.get("/admin/models/"))
    settings.LTX_SKIP_STEP = 1
    assert "Runs here. Not exact: guidance every 2nd step." in words_of(browser.get("/admin/models/"))
    assert "not exact: guidance every 2nd step" in listed()


def test_a_take_says_that_it_is_not_exact_and_an_exact_one_says_nothing(alice, alices, action, start_frame):
    # Catches a take that nobody can tell from an exact one.
    browser = signed_in(alice)
    take = finished_video(action, alice)
    assert "xact" not in look(browser.get(here("clip_video", action))).text
    assert alices.get(f"{base(action)}/video").json()["shortcuts"] == ""
    type(take).objects.update(shortcuts="FP8 weights")
    text = look(browser.get(here("clip_video", action))).text
    assert "not exact" in text
    assert "Not exact FP8 weights. Quicker to make, and slightly different from an exact clip." in text
    assert alices.get(f"{base(action)}/video").json()["shortcuts"] == "FP8 weights"
