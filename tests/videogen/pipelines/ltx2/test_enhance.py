"""LTX-2.3's own text encoder writes prompts: the Enhancer of a loaded checkpoint."""

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import small_gemma
from tests.fixtures.ltx import Steps, picture, small
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from videogen import actions
from videogen.errors import Cancelled, GenerationError
from videogen.phase import Phase
from videogen.pipelines.config import Checkpoint, ModelSettings


@pytest.fixture(scope="module")
def writing_folder(ltx_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that has a processor, as diffusers saves it."""
    import torch
    from diffusers import LTX2Pipeline

    torch.manual_seed(0)
    half = small_gemma.pipeline()
    parts = {"text_encoder": half.text_encoder, "tokenizer": half.tokenizer, "processor": half.processor}
    folder = tmp_path_factory.mktemp("writing")
    LTX2Pipeline.from_pretrained(ltx_folder, **parts).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def writing(writing_folder: Path) -> Any:
    """The pipeline on that checkpoint."""
    from videogen.pipelines.ltx2.video import Ltx23Video

    return Ltx23Video(ModelSettings(ltx=Checkpoint(str(writing_folder)), device="cpu"))


def test_it_writes_and_the_next_clip_is_made_with_the_same_model(writing: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("videogen.pipelines.ltx2.enhance.enhance.__defaults__", (16,))
    steps = Steps()
    assert writing.enhance("she opens the door", picture(1), "Rewrite it.", steps)
    assert len(steps.of(Phase.ENCODING)) > 1
    assert len(list(writing.generate(small(steps=1), picture(1), None, Steps()).frames)) == 24


def test_it_can_be_stopped_in_the_middle_of_a_sentence(writing: Any) -> None:
    with pytest.raises(Cancelled):
        writing.enhance("she opens the door", None, "Rewrite it.", Steps((Phase.ENCODING, 3), Cancelled()))


def test_a_checkpoint_without_a_processor_says_so(ltx: Any) -> None:
    with pytest.raises(GenerationError) as failed:
        ltx.enhance("she opens the door", None, "Rewrite it.", Steps())
    assert failed.value.code == "optimizer_unavailable"


@pytest.mark.xdist_group("stack")
def test_in_a_worker_it_writes_and_what_it_says_is_checked_like_any_answer(
    stack, action, alice, settings, writing_folder
):
    settings.VIDEO_MODEL, settings.LTX_CHECKPOINT = "ltx2.3", str(writing_folder)
    settings.PROMPT_OPTIMIZER = "encoder"
    stack.worker("videos", VIDEO_MODEL="ltx2.3", LTX_CHECKPOINT=str(writing_folder), PROMPT_OPTIMIZER="encoder")
    actions.upload_frame(action, "start", picture_file((160, 96)), alice)
    rewrite = actions.queue_rewrite(action, "video", "she opens the door", alice)
    assert (rewrite.optimizer, rewrite.queue) == ("encoder", "videos")

    def ended() -> bool:
        rewrite.refresh_from_db()
        return not rewrite.is_live

    wait_for(ended, 120)
    # Random weights write nonsense: it has to reach the checks, and they have to keep what was typed.
    assert rewrite.error_code.startswith("rewrite_"), stack.log("videos")
    assert (rewrite.typed, rewrite.result) == ("she opens the door", "")
    assert "Your text is unchanged" in rewrite.error
