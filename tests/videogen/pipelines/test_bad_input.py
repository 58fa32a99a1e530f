"""What an operator has named wrongly is refused by name before a job begins: in the form, the API and the command."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.fixtures.callers import VIDEO, root, send
from tests.fixtures.checkpoints import LAYER, WEIGHTS, lora, tensors, upsampler
from tests.fixtures.pages import VIDEO as TYPED
from tests.fixtures.pages import here, look
from tests.fixtures.people import signed_in
from videogen import pipelines
from videogen.models import Video
from videogen.pipelines import choice

Break = Callable[[Path, Path, object], str]  # (checkpoint, a folder of the test's own, settings) -> what is said


@pytest.fixture(autouse=True)
def _every_look_counts(monkeypatch) -> None:
    monkeypatch.setattr(choice, "OFFERS_SECONDS", -1)


def no_upsampler(checkpoint, folder, settings) -> str:
    settings.LTX_UPSAMPLER = ""
    return "LTX_UPSAMPLER is empty. Set it to what LTX-2.3 in two stages needs there."


def upsampler_elsewhere(checkpoint, folder, settings) -> str:
    settings.LTX_UPSAMPLER = "studio/upsampler"
    return "LTX_UPSAMPLER is studio/upsampler, which is not on this machine."


def upsampler_of_another_model(checkpoint, folder, settings) -> str:
    settings.LTX_UPSAMPLER = str(upsampler(folder, channels=64))
    return "two stages: it is for latents of 64 channels, and those of the checkpoint have 128."


def upsampler_by_another_factor(checkpoint, folder, settings) -> str:
    settings.LTX_UPSAMPLER = str(upsampler(folder, scale=1.5))
    return "two stages: it enlarges 1.5 times, and two stages take one that enlarges twice."


def upsampler_cut_short(checkpoint, folder, settings) -> str:
    settings.LTX_UPSAMPLER = str(upsampler(folder))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    return "two stages: it has no weights that can be read to their end."


def no_config(checkpoint, folder, settings) -> str:
    settings.LTX_UPSAMPLER = str(upsampler(folder))
    (folder / "config.json").write_text("[]")
    return "two stages: it has no config.json of a latent upsampler."


def lora_of_another_model(checkpoint, folder, settings) -> str:
    settings.LTX_DISTILLED_LORA = str(lora(folder, layer="double_blocks.0.img_attn.qkv"))
    return "two stages: it is for a model with a layer double_blocks.0.img_attn.qkv, which is not here."


def lora_of_another_width(checkpoint, folder, settings) -> str:
    settings.LTX_DISTILLED_LORA = str(lora(folder, side=16))
    return "two stages: it is for a model whose transformer_blocks.0.attn1.to_q is 16 by 16; here it is 8 by 8."


def lora_cut_short(checkpoint, folder, settings) -> str:
    path = lora(folder) / "lora.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    settings.LTX_DISTILLED_LORA = str(folder)
    return "two stages: it is not a safetensors file that can be read to its end."


def two_loras(checkpoint, folder, settings) -> str:
    settings.LTX_DISTILLED_LORA = str(lora(folder))
    (folder / "other.safetensors").write_bytes(WEIGHTS)
    return "two stages: it holds 2 safetensors files and must hold the one of the LoRA."


def shard_gone(checkpoint, folder, settings) -> str:
    (checkpoint / "transformer" / "model-2-of-2.safetensors").unlink()
    return "are not complete: transformer/model-2-of-2.safetensors is missing."


def shard_cut_short(checkpoint, folder, settings) -> str:
    shard = checkpoint / "transformer" / "model-1-of-2.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    return "are not complete: transformer/model-1-of-2.safetensors is cut short. Copy it anew."


def shard_empty(checkpoint, folder, settings) -> str:
    (checkpoint / "transformer" / "model-1-of-2.safetensors").write_bytes(b"")
    return "are not complete: transformer/model-1-of-2.safetensors is cut short. Copy it anew."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spoil",
    [
        *(no_upsampler, upsampler_elsewhere, upsampler_of_another_model, upsampler_by_another_factor),
        *(upsampler_cut_short, no_config, lora_of_another_model, lora_of_another_width, lora_cut_short, two_loras),
        *(shard_gone, shard_cut_short, shard_empty),
    ],
)
def test_it_is_refused_by_name_in_form_api_and_command(
    two_stages, settings, tmp_path, alice, alices, action, start_frame, spoil: Break
):
    # Catches what only a worker would find out, after it has read 40 GB; and a refusal that does not say why.
    said = spoil(two_stages, tmp_path / "bad", settings)
    assert "ltx2.3-final" not in pipelines.names("video")
    asked = {**VIDEO, "blockId": str(action.pk), "model": "ltx2.3-final"}
    document = send(alices, f"{root(action)}/video", asked).json()
    [error] = document["errors"]
    assert error["field"] == "model"
    assert "“ltx2.3-final” was given. LTX-2.3 in two stages cannot run. " in error["message"]
    assert said in error["message"]
    page = look(signed_in(alice).post(here("clip_video", action), TYPED | {"model": "ltx2.3-final"}))
    assert said in page.text
    told = StringIO()
    call_command("models", stdout=told)
    assert said in told.getvalue()
    assert not Video.objects.exists()


@pytest.mark.django_db
def test_nothing_is_refused_where_all_of_it_is_right(two_stages, settings, alices, action, start_frame):
    # Catches a check that refuses what it should let through: a LoRA of the connectors beside the transformer, too.
    path = Path(settings.LTX_DISTILLED_LORA) / "lora.safetensors"
    pairs = {f"diffusion_model.{LAYER}.lora_{half}.weight": shape for half, shape in (("A", (2, 8)), ("B", (8, 2)))}
    tensors(path, pairs | {"text_embedding_projection.aggregate_embed.lora_A.weight": (2, 4)})
    asked = {**VIDEO, "blockId": str(action.pk), "model": "ltx2.3-final"}
    assert send(alices, f"{root(action)}/video", asked).status_code == 202


@pytest.mark.django_db
def test_a_name_that_nobody_knows_gets_the_list_and_no_more(alices, action, start_frame):
    asked = {**VIDEO, "blockId": str(action.pk), "model": "sora"}
    [error] = send(alices, f"{root(action)}/video", asked).json()["errors"]
    assert error["message"].endswith("“sora” was given.")
