"""Which optimizer is asked, and where it waits."""

import pytest
from django.core.checks import run_checks

from tests.fixtures.rows import queued_video
from videogen import actions, pipelines
from videogen.models import PromptRewrite, Status, waiting
from videogen.phase import Phase
from videogen.pipelines import PipelineInfo
from videogen.pipelines.base import Weightless
from videogen.prompts import instructions, optimizers
from videogen.worker import run

GOOD = "Slow push in. The young keeper opens the door, and the wind takes her hair."


class WritingVideo(Weightless):
    """A video pipeline whose text encoder writes what these tests need."""

    heard: list = []

    def enhance(self, text, image, system_prompt, on_step) -> str:
        on_step(Phase.ENCODING, 1, 2)
        self.heard.append((text, image, system_prompt))
        return GOOD


@pytest.fixture
def writing(monkeypatch) -> PipelineInfo:
    path = f"{__name__}.WritingVideo"
    model = PipelineInfo(name="writing", makes="video", label="Writing", summary="a test", path=path, enhances=True)
    monkeypatch.setattr(WritingVideo, "heard", [])
    monkeypatch.setitem(pipelines.VIDEO_MODELS, "writing", model)
    return model


def test_auto_takes_the_language_model_then_the_default_pipelines_encoder_then_the_rules(settings, writing):
    assert optimizers.current().kind == "composer"  # the animatic is the default: nothing else runs here
    settings.VIDEO_MODEL = "writing"
    assert optimizers.current() == optimizers.Optimizer("encoder", "writing")
    settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = "http://localhost:1/v1", "qwen3:8b"
    assert optimizers.current() == optimizers.Optimizer("llm", "qwen3:8b")
    settings.PROMPT_OPTIMIZER = "composer"
    assert optimizers.current().kind == "composer"


@pytest.mark.django_db(transaction=True)
def test_the_encoder_writes_on_the_workers_of_videos_and_sees_the_start_frame(
    settings, writing, action, alice, start_frame
):
    settings.PROMPT_OPTIMIZER = "encoder"
    queued_video(action, alice)
    row = actions.queue_rewrite(action, "video", "she opens the door, wind", alice)
    assert [row.KIND for row in waiting("videos", 5)] == ["prompt", "video"]  # somebody is looking at the prompt
    assert list(waiting("prompts", 5)) == []
    assert run.claim_next("videos", "worker-1") == row
    row.refresh_from_db()
    run.make(row, "worker")
    row.refresh_from_db()
    assert (row.status, row.result, row.version) == (Status.SUCCEEDED, GOOD, instructions.VERSION)
    ((text, image, system_prompt),) = WritingVideo.heard
    assert "she opens the door, wind" in text
    assert image.size == (start_frame.width, start_frame.height)
    assert "LTX-2.3" in system_prompt


def test_a_rewrite_of_a_block_that_goes_goes_with_it(action, alice):
    actions.queue_rewrite(action, "video", "she waves", alice)
    action.delete()
    assert PromptRewrite.objects.count() == 0


@pytest.mark.parametrize(("url", "model"), [("localhost:1234", "x"), ("http://localhost:1/v1", ""), ("ftp://a/b", "x")])
def test_half_a_language_model_is_refused_at_the_start(settings, url, model):
    settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = url, model
    (error,) = [found for found in run_checks() if found.id == "storyreel.E007"]
    assert "PROMPT_LLM_URL" in error.msg
