"""LoRAs by setting: what is offered, what is refused by name, what a spec records, what a clip is made with."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.fixtures.callers import VIDEO, base, root, send
from tests.fixtures.ltx import Steps, our_latents, picture, small
from tests.fixtures.pages import VIDEO as TYPED
from tests.fixtures.pages import here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from videogen.models import Video


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    from tests.fixtures import small_ltx

    return small_ltx.save_lora(tmp_path / "ink") / "lora.safetensors"


@pytest.fixture
def offered(settings: Any, ltx_folder: Path, lora: Path) -> Path:
    settings.VIDEO_MODEL, settings.LTX_CHECKPOINT = "ltx2.3", str(ltx_folder)
    settings.LTX_LORAS = f"ink={lora.parent}@0.7, dolly in={lora}"
    return lora


def test_names_of_layers_are_read_as_the_library_reads_them(lora: Path) -> None:
    import torch
    from diffusers.loaders import LTX2LoraLoaderMixin

    from videogen.pipelines.weights.lora_file import layer_of

    theirs = [
        *("patchify_proj", "audio_patchify_proj", "adaln_single.linear", "audio_adaln_single.emb.linear_1"),
        *("av_ca_video_scale_shift_adaln_single.linear", "av_ca_a2v_gate_adaln_single.linear"),
        *("av_ca_audio_scale_shift_adaln_single.linear", "av_ca_v2a_gate_adaln_single.linear"),
        *("prompt_adaln_single.linear", "audio_prompt_adaln_single.linear", "transformer_blocks.0.attn1.q_norm"),
        *("transformer_blocks.0.attn1.to_out.0", "transformer_blocks.1.ff.net.0.proj"),
    ]
    keys = [f"diffusion_model.{name}.lora_A.weight" for name in theirs]
    state = LTX2LoraLoaderMixin.lora_state_dict({key: torch.zeros(1) for key in keys})
    assert {f"transformer.{layer_of(key)[0]}.lora_A.weight" for key in keys} == set(state)


def other_layer(folder: Path) -> str:
    from tests.fixtures import small_ltx

    small_ltx.save_lora(folder, layer="double_blocks.0.img_attn.qkv")
    return "is for a model with a layer double_blocks.0.img_attn.qkv"


def other_width(folder: Path) -> str:
    from tests.fixtures import small_ltx

    small_ltx.save_lora(folder, width=96)
    return "is for a model whose transformer_blocks.0.attn1.to_q is 96 by 96; here it is 64 by 64"


def cut_short(folder: Path) -> str:
    from tests.fixtures import small_ltx

    path = small_ltx.save_lora(folder) / "lora.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    return "is not a safetensors file that can be read to its end"


def no_lora(folder: Path) -> str:
    folder.mkdir()
    header = json.dumps({"text_model.a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (folder / "x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    return "holds text_model.a, which is no part of a LoRA for a transformer"


@pytest.mark.django_db
@pytest.mark.parametrize("make", [other_layer, other_width, cut_short, no_lora])
def test_a_lora_of_another_model_is_refused_by_name_in_form_api_and_command(
    offered, settings, tmp_path, make, alice, alices, action, start_frame
):
    reason = make(tmp_path / "bad")
    settings.LTX_LORAS = f"old one={tmp_path / 'bad'}"
    sentence = f"LoRA “old one” does not fit LTX-2.3: it {reason}"
    asked = {**VIDEO, "blockId": str(action.pk), "model": "ltx2.3", "loras": [{"name": "old one"}]}
    document = send(alices, f"{root(action)}/video", asked).json()
    assert [error["field"] for error in document["errors"]] == ["loras"]
    assert document["errors"][0]["message"].startswith(sentence)
    browser = signed_in(alice)
    assert sentence in look(browser.get(here("clip_video", action))).text
    page = look(browser.post(here("clip_video", action), TYPED | {"model": "ltx2.3", "loras": "old one"}))
    assert page.text.count(sentence) >= 2  # beside the LoRA, and as the error
    told = StringIO()
    call_command("models", stdout=told)
    assert sentence in told.getvalue()
    assert not Video.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "loras", "words"),
    [
        ("ltx2.3", [{"name": "fog"}], "There is no LoRA “fog” here. There are ink, dolly in."),
        ("ltx2.3", [{"name": "ink"}, {"name": "ink"}], "LoRA “ink” was given twice. Give it once."),
        ("ltx2.3", [{"name": "ink", "strength": 2.1}], "LoRA “ink” must be a number from 0 to 2; “2.1” was given."),
        ("ltx2.3", [{"name": "ink", "strength": True}], "from 0 to 2; “True” was given."),
        ("ltx2.3", [{"name": "ink", "strength": 10**300}], "a number too large to show was given."),
        ("ltx2.3", ["ink"], "A LoRA must be given as {name, strength}; “ink” was given."),
        ("ltx2.3", "ink", "LoRAs must be a list of {name, strength}; “ink” was given."),
        ("ltx2.3", [{"name": "x"}] * 17, "LoRAs may hold 16 entries; 17 were given."),
        ("animatic", [{"name": "ink"}], "Animatic uses no LoRAs."),
    ],
)
def test_loras_that_cannot_be_used_are_named(offered, alices, action, start_frame, model, loras, words):
    asked = {**VIDEO, "blockId": str(action.pk), "model": model, "loras": loras}
    document = send(alices, f"{root(action)}/video", asked).json()
    assert [error["field"] for error in document["errors"]] == ["loras"]
    assert words in document["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["2.1", "-0.1", "nan", "much"])
def test_a_strength_out_of_range_is_named_in_the_form_too(offered, alice, action, start_frame, typed):
    # Catches a form that leaves out, or rounds, what the API refuses.
    sent = TYPED | {"model": "ltx2.3", "loras": ["ink"], "lora_strength ink": typed}
    page = look(signed_in(alice).post(here("clip_video", action), sent))
    assert f"The strength of LoRA “ink” must be a number from 0 to 2; “{typed}” was given." in page.text
    assert page.value("lora_strength ink") == typed
    assert not Video.objects.exists()


@pytest.mark.django_db
def test_a_clip_records_names_strengths_and_hashes_and_is_not_made_again_with_other_files(
    offered, alice, alices, action, start_frame
):
    from hashlib import sha256

    content = sha256(offered.read_bytes()).hexdigest()
    sent = TYPED | {"model": "ltx2.3", "loras": ["ink", "dolly in"], "lora_strength dolly in": "0.25"}
    browser = signed_in(alice)
    assert browser.post(here("clip_video", action), sent).status_code == 302
    recorded = [
        {"name": "ink", "strength": 0.7, "sha256": content},
        {"name": "dolly in", "strength": 0.25, "sha256": content},
    ]
    assert alices.get(f"{base(action)}/video").json()["loras"] == recorded
    video = Video.objects.get()
    video.cancel(alice)
    page = look(browser.get(here("clip_video", action)))
    assert (page.values["loras"], page.value("lora_strength dolly in")) == (["ink", "dolly in"], "0.25")
    take = finished_video(action, alice, model="ltx2.3", loras=recorded)
    offered.write_bytes(offered.read_bytes() + b" ")
    page = look(browser.post(here("clip_again", action, take.pk), {"seed": "same"}))
    assert "LoRA “ink” is another file now than when this was made." in page.text


@pytest.mark.django_db
def test_what_the_chosen_pipeline_hides_was_not_asked_for(offered, alice, action, start_frame):
    browser = signed_in(alice)
    assert browser.post(here("clip_video", action), TYPED | {"model": "animatic", "loras": "ink"}).status_code == 302
    assert Video.objects.get().read_spec().loras == ()


def test_a_clip_is_made_with_its_loras_beside_the_weights_and_the_next_one_without(
    offered: Path, ltx: Any, model: Any
) -> None:
    import torch

    from videogen.errors import GenerationError, sentence
    from videogen.pipelines.config import ModelSettings
    from videogen.pipelines.loras import chosen
    from videogen.pipelines.ltx2.video import Ltx23Video

    ltx = Ltx23Video(ModelSettings.read())
    plain, _ = our_latents(ltx, small(), picture(1), None)
    both = [{"name": "ink", "strength": 0.5}, {"name": "dolly in", "strength": 0.25}]
    used, _ = our_latents(ltx, small(loras=chosen("ltx2.3", both)), picture(1), None)
    again, _ = our_latents(ltx, small(), picture(1), None)
    assert torch.equal(plain, again)
    one = chosen("ltx2.3", [{"name": "ink", "strength": 0.75}])
    torch.testing.assert_close(our_latents(ltx, small(loras=one), picture(1), None)[0], used, rtol=1e-4, atol=1e-4)
    assert float((plain - used).norm() / plain.norm()) > 1e-3
    offered.write_bytes(offered.read_bytes() + b" ")
    with pytest.raises(GenerationError) as refused:
        ltx.generate(small(loras=one), picture(1), None, Steps())
    assert "The model LoRA “ink” is not available" in sentence(refused.value.code, refused.value.details)
    assert "another one than when the clip was asked for" in sentence(refused.value.code, refused.value.details)
