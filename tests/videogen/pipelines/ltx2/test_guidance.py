"""Guidance on the small checkpoint: the eight arguments, and the passes of the transformer that they cost."""

from dataclasses import asdict
from typing import Any

import pytest
import torch

from tests.fixtures.ltx import Forwards, Steps, our_latents, picture, small
from videogen.pipelines.ltx2.guidance import Guidance, stg_blocks

START, END = picture(1), picture(2)


def test_a_clip_without_sound_asks_for_no_isolated_pass_and_decodes_none(ltx: Any, model: Any) -> None:
    pipe = model.denoiser
    with (
        Forwards(pipe.transformer) as forwards,
        Forwards(pipe.vocoder) as vocoder,
        Forwards(pipe.audio_vae.decoder) as audio,
    ):
        rendering = ltx.generate(small(steps=2, sound=False), START, END, Steps())
        assert len(list(rendering.frames)) == 24
    assert rendering.sound is None
    assert forwards.samples == 2 * 3  # with and without the prompt, and perturbed
    assert len(vocoder) == len(audio) == 0
    assert Guidance.off().without_sound() == Guidance.off()


def test_one_forward_a_step_with_guidance_off(ltx: Any, model: Any) -> None:
    with Forwards(model.denoiser.transformer) as forwards:
        our_latents(ltx, small(steps=3, guidance_scale=1.0), START, END)
    assert (len(forwards), forwards.samples) == (3, 3)


def test_four_samples_a_step_with_the_default_guidance(ltx: Any, model: Any) -> None:
    with Forwards(model.denoiser.transformer) as forwards:
        our_latents(ltx, small(steps=3), START, END)
    assert (len(forwards), forwards.samples) == (9, 12)
    perturbed = [call["spatio_temporal_guidance_blocks"] for call in forwards.calls]
    assert perturbed == [None, [2], None] * 3
    assert [call["isolate_modalities"] for call in forwards.calls] == [False, False, True] * 3


def test_a_guidance_scale_of_1_alone_would_not_switch_guidance_off(model: Any) -> None:
    # The guard of "one forward a step": the stock defaults of the other seven arguments cost four samples.
    with Forwards(model.denoiser.transformer) as forwards:
        model.denoiser(
            prompt_embeds=torch.zeros(1, 128, 96),
            prompt_attention_mask=torch.ones(1, 128, dtype=torch.int64),
            negative_prompt_embeds=torch.zeros(1, 128, 96),
            negative_prompt_attention_mask=torch.ones(1, 128, dtype=torch.int64),
            width=64,
            height=64,
            num_frames=9,
            num_inference_steps=2,
            guidance_scale=1.0,
            spatio_temporal_guidance_blocks=[2],
            output_type="latent",
        )
    assert forwards.samples == 8


def test_all_eight_guidance_arguments_are_given_always() -> None:
    import inspect

    from diffusers import LTX2ConditionPipeline

    known = set(inspect.signature(LTX2ConditionPipeline.__call__).parameters)
    for guidance in (Guidance.off(), Guidance.for_scale(3.0)):
        given = guidance.arguments()
        assert len(given) == 8
        assert set(given) == {name for name in known if name.endswith(("_scale", "_rescale"))} - {
            "noise_scale",
            "decode_noise_scale",
        }


@pytest.mark.parametrize(
    "guidance",
    [
        Guidance.off(),
        Guidance(  # none of them a default of the library
            guidance_scale=2.0,
            stg_scale=0.5,
            modality_scale=1.5,
            guidance_rescale=0.25,
            audio_guidance_scale=4.0,
            audio_stg_scale=0.75,
            audio_modality_scale=5.0,
            audio_guidance_rescale=0.5,
        ),
    ],
    ids=["off", "on"],
)
def test_all_eight_guidance_arguments_reach_the_model_as_they_are(ltx: Any, model: Any, guidance: Guidance) -> None:
    from videogen.pipelines.ltx2.video import Ltx23Video

    class Guided(Ltx23Video):
        def guidance(self, spec: Any) -> Guidance:
            return guidance

    our_latents(Guided(ltx.settings), small(steps=1), START, None)
    # The library reads an audio value of 0 as "the video's"; after the call it tells what it went by.
    assert {name: getattr(model.denoiser, name) for name in guidance.arguments()} == guidance.arguments()


def test_a_negative_prompt_is_given_where_only_the_sound_asks_for_it(ltx: Any, model: Any) -> None:
    from videogen.pipelines.ltx2.video import Ltx23Video

    class Guided(Ltx23Video):
        def guidance(self, spec: Any) -> Guidance:
            return Guidance(**asdict(Guidance.off()) | {"audio_guidance_scale": 7.0})

    with Forwards(model.text.pipe.text_encoder) as texts, Forwards(model.denoiser.transformer) as forwards:
        our_latents(Guided(ltx.settings), small(steps=1), START, None)
    assert (len(texts), forwards.samples) == (2, 2)


def test_the_makers_values_stand_around_a_persons_guidance_scale() -> None:
    assert Guidance.for_scale(4.5).arguments() == {
        "guidance_scale": 4.5,
        "stg_scale": 1.0,
        "modality_scale": 3.0,
        "guidance_rescale": 0.7,
        "audio_guidance_scale": 7.0,
        "audio_stg_scale": 1.0,
        "audio_modality_scale": 3.0,
        "audio_guidance_rescale": 0.7,
    }
    assert Guidance.for_scale(1.0).arguments() == {
        "guidance_scale": 1.0,
        "stg_scale": 0.0,
        "modality_scale": 1.0,
        "guidance_rescale": 0.0,
        "audio_guidance_scale": 1.0,
        "audio_stg_scale": 0.0,
        "audio_modality_scale": 1.0,
        "audio_guidance_rescale": 0.0,
    }


def test_an_audio_value_of_0_that_would_become_the_videos_is_refused() -> None:
    values = asdict(Guidance.for_scale(3.0))
    for name in [name for name in values if name.startswith("audio_")]:
        with pytest.raises(ValueError, match=name):
            Guidance(**values | {name: 0.0})
    with pytest.raises(ValueError, match="negative"):
        Guidance(**values | {"stg_scale": -1.0})


def test_block_28_of_48_is_perturbed_and_a_block_that_exists_in_any_other_depth() -> None:
    assert stg_blocks(48) == [28]
    assert all(0 <= stg_blocks(depth)[0] < depth for depth in range(1, 60))
