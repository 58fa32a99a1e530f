"""Writing with the video model's text encoder: a small Gemma 3 through diffusers' own enhance_prompt."""

import pytest
import torch
from PIL import Image

from tests.fixtures import small_gemma
from videogen.errors import Cancelled, GenerationError
from videogen.phase import Phase
from videogen.pipelines.ltx2 import enhance
from videogen.prompts import instructions
from videogen.prompts.context import PromptContext

MOST = 16  # word pieces; random weights have nothing more to say in the next five hundred
MATERIAL = PromptContext(typed="she opens the door, wind", step="video")


@pytest.fixture(scope="module")
def pipe():
    torch.manual_seed(0)
    return small_gemma.pipeline()


class Listener:
    def __init__(self, stop_after: int = 0) -> None:
        self.heard: list[tuple[Phase, int, int]] = []
        self._stop_after = stop_after

    def __call__(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
        self.heard.append((phase, step, steps))
        if self._stop_after and len(self.heard) >= self._stop_after:
            raise Cancelled


def write(pipe, listener: Listener, image: Image.Image | None = None) -> str:
    text = instructions.user_message(MATERIAL, ("start",) if image else ())
    return enhance.enhance(pipe, text, image, instructions.system_prompt(MATERIAL), listener, "cpu", MOST)


def test_it_writes_tells_every_word_piece_and_says_the_same_again(pipe):
    listener = Listener()
    first = write(pipe, listener)
    assert first
    assert listener.heard[0] == (Phase.ENCODING, 1, MOST)
    assert [step for _, step, _ in listener.heard] == list(range(1, len(listener.heard) + 1))
    assert write(pipe, Listener()) == first


def test_a_start_frame_can_go_along(pipe):
    listener = Listener()
    assert write(pipe, listener, Image.new("RGB", (64, 40), "red"))
    assert listener.heard


def test_what_the_listener_raises_ends_the_writing(pipe):
    listener = Listener(stop_after=3)
    with pytest.raises(Cancelled):
        write(pipe, listener)
    assert len(listener.heard) == 3


def test_the_seeds_of_everybody_else_are_left_alone(pipe):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    write(pipe, Listener())
    assert torch.equal(torch.rand(1), expected)


def test_a_checkpoint_without_a_processor_is_a_sentence_for_the_operator():
    with pytest.raises(GenerationError) as refused:
        write(small_gemma.pipeline(processor=False), Listener())
    assert refused.value.code == "optimizer_unavailable"
