"""LTX-2.5 behind the same dialog: loaded by the same classes, refused in words where a library does not know one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fixtures import small_ltx
from tests.fixtures.ltx import Forwards, Steps, picture, small
from videogen.errors import GenerationError, sentence
from videogen.pipelines import choice
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.ltx2 import video
from videogen.pipelines.ltx2.video import Ltx25Video
from videogen.pipelines.registry import find
from videogen.pipelines.weights.loaded import LOADED

SPEC = small(model="ltx2.5", width=64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield small_ltx.save(tmp_path_factory.mktemp("ltx25"), distilled=True, gemma=4)
    LOADED.evict()


@pytest.fixture
def ltx25(model_settings: ModelSettings, folder: Path) -> Ltx25Video:
    return Ltx25Video(replace(model_settings, ltx25=Checkpoint(str(folder))))


def test_it_makes_a_clip_in_eight_steps_from_frames_compressed_as_it_has_learned_them(
    ltx25: Ltx25Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    conditions = video.conditions
    monkeypatch.setattr(video, "conditions", lambda *args: given.extend(conditions(*args)[0]) or conditions(*args))
    transformer = ltx25.model(Steps()).denoiser.transformer
    with Forwards(transformer) as forwards:
        rendering = ltx25.generate(SPEC, picture(1), picture(2), Steps())
    assert len(forwards) == 8
    assert [condition.crf for condition in given] == [18, 18]
    assert np.stack(list(rendering.frames)).shape == (24, 64, 64, 3)
    assert type(ltx25.model(Steps()).text.pipe.text_encoder).__name__ == "Gemma4UnifiedForConditionalGeneration"


def test_a_class_that_the_installed_library_does_not_know_is_named(ltx25: Ltx25Video, folder: Path) -> None:
    # Catches "could not be loaded, verify them" where nothing is wrong with the files.
    index = folder / "model_index.json"
    kept = index.read_text()
    index.write_text(json.dumps(json.loads(kept) | {"text_encoder": ["transformers", "Gemma9ForEverything"]}))
    try:
        with pytest.raises(GenerationError) as refused:
            ltx25.model(Steps())
    finally:
        index.write_text(kept)
    told = sentence(refused.value.code, refused.value.details)
    assert "Its text_encoder is a Gemma9ForEverything, which the installed transformers does not know." in told


def test_it_is_offered_where_its_files_are_and_nobody_is_told_of_it_elsewhere(
    settings: Any, folder: Path, ltx_distilled_folder: Path
) -> None:
    settings.DEVICE = "cuda"
    model = find("video", "ltx2.5")
    settings.LTX25_CHECKPOINT = ""
    assert choice.is_hidden(model)
    assert "ltx2.5" not in choice.names("video")
    settings.LTX25_CHECKPOINT = str(folder)
    assert choice.problem(model) is None
    assert "ltx2.5" in choice.names("video")
    assert "License Agreement" in model.summary
    settings.LTX25_CHECKPOINT = str(ltx_distilled_folder)
    assert "it holds an LTX with another text encoder than 2.5’s" in str(choice.problem(model))
