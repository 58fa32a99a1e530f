"""A text is encoded once: the prompt cache, counted on the text encoder itself."""

from typing import Any

import pytest
import torch

from tests.fixtures.ltx import Forwards, Steps, picture, small
from videogen.errors import GenerationError, sentence
from videogen.pipelines.config import ModelSettings
from videogen.pipelines.ltx2.prompt_cache import PROMPTS, PromptCache, PromptFeatures
from videogen.pipelines.ltx2.video import Ltx23DistilledVideo

START = picture(1)


def latents(ltx: Any, **changes: Any) -> None:
    ltx.generate(small(steps=1, **changes), START, None, Steps())


def test_a_reroll_and_the_constant_negative_prompt_never_run_the_text_encoder(ltx: Any, model: Any) -> None:
    with Forwards(model.text.pipe.text_encoder) as texts, Forwards(model.text.pipe.connectors) as connectors:
        latents(ltx)
        assert (len(texts), len(connectors)) == (2, 2)
        latents(ltx, seed=99)
        assert (len(texts), len(connectors)) == (2, 2)
        latents(ltx, prompt="another fox", seed=3)
        assert (len(texts), len(connectors)) == (3, 3)
    assert (PROMPTS.hits, PROMPTS.misses) == (3, 3)


def test_a_reroll_leaves_the_text_encoder_in_host_memory(ltx: Any, model: Any) -> None:
    latents(ltx)
    model.residency.send_home(["text_encoder", "connectors"])
    latents(ltx, seed=99)
    assert not {"text_encoder", "connectors"} & model.residency.present


def test_a_text_that_one_checkpoint_has_read_is_read_anew_by_another(ltx: Any, model_settings: ModelSettings) -> None:
    latents(ltx)
    draft = Ltx23DistilledVideo(model_settings)
    with Forwards(draft.model(Steps()).text.pipe.text_encoder) as texts:
        latents(draft)
        assert len(texts) == 1
        latents(draft, seed=99)
        assert len(texts) == 1


def test_without_guidance_the_negative_prompt_is_not_encoded(ltx: Any, model: Any) -> None:
    with Forwards(model.text.pipe.text_encoder) as texts:
        latents(ltx, guidance_scale=1.0)
    assert len(texts) == 1


def test_an_entry_is_what_the_connectors_make_and_no_more(ltx: Any, model: Any) -> None:
    features = model.text.encode("a fox")
    assert features.packed.shape == (1, 1024, 64 + 32)
    assert features.packed.device.type == "cpu"
    # The connectors put registers where padding was, so every token counts.
    assert bool(features.mask.all())


def test_features_equal_those_of_the_library_for_a_batch(model: Any) -> None:
    pipe = model.text.pipe
    texts = ["a fox runs", "blurry"]
    with torch.no_grad():
        embeds, mask, _, _ = pipe.encode_prompt(texts, do_classifier_free_guidance=False)
        video, audio, _ = pipe.connectors(embeds, mask, padding_side="left")
    ours = torch.cat([model.text.encode(text).packed for text in texts])
    torch.testing.assert_close(ours, torch.cat([video, audio], dim=-1), rtol=1e-4, atol=1e-5)


def test_a_text_longer_than_the_model_reads_is_refused_and_not_cut(model: Any) -> None:
    with pytest.raises(GenerationError) as refused:
        model.text.encode("\N{BLACK SUN WITH RAYS}" * 600)
    assert refused.value.code == "prompt_too_long"
    words = sentence(refused.value.code, refused.value.details)
    assert words.startswith("The prompt is 1")
    assert "the model reads 1024" in words


def test_the_longest_text_the_model_reads_is_taken_and_one_token_more_is_not(model: Any) -> None:
    sun = "\N{BLACK SUN WITH RAYS}"  # three tokens; one more begins every text
    longest = model.text.encode(sun * 341)
    assert torch.equal(model.text.encode(f" \n{sun * 341} \n").packed, longest.packed)
    with pytest.raises(GenerationError) as refused:
        model.text.encode(sun * 341 + "!")
    assert refused.value.details == {"tokens": 1025, "limit": 1024}


def entry(number: float) -> PromptFeatures:
    return PromptFeatures(torch.full((1, 1, 1), number), torch.ones(1, 1))


def test_the_cache_is_bounded_and_forgets_what_was_used_longest_ago() -> None:
    cache, encoded = PromptCache(capacity=2), []

    def encode(text: str) -> PromptFeatures:
        encoded.append(text)
        return entry(len(encoded))

    for text in ("a", "b", "a", "c", "a", "b"):
        cache.get("one", text, encode)
    assert encoded == ["a", "b", "c", "b"]
    assert len(cache) == 2
    assert (cache.hits, cache.misses) == (2, 4)
    assert ("one", "c") not in cache


def test_another_checkpoint_or_revision_does_not_share_entries() -> None:
    cache = PromptCache()
    first = cache.get("one", "a fox", lambda text: entry(1))
    assert cache.get("two", "a fox", lambda text: entry(2)) is not first
    assert cache.get("one", "a fox", lambda text: entry(3)) is first


def test_a_text_that_failed_to_encode_is_not_kept() -> None:
    cache = PromptCache()

    def fail(text: str) -> PromptFeatures:
        raise GenerationError("prompt_too_long")

    with pytest.raises(GenerationError):
        cache.get("one", "a fox", fail)
    assert len(cache) == cache.misses == 0
