"""Which pipelines are offered, which is the default and why: from what is installed, without loading any of it."""

import json
import shutil
from types import SimpleNamespace

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from tests.fixtures.checkpoints import LAYER, checkpoint, lora, tensors, upsampler
from tests.fixtures.people import signed_in
from videogen import pipelines
from videogen.models import Worker
from videogen.pipelines import choice
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed
from videogen.prompts import optimizers
from videogen.specs import SpecError, VideoSpec
from videogen.worker import presence
from videogen.worker.presence import missing_model
from web.forms.generation import VideoForm


@pytest.fixture(autouse=True)
def _every_look_counts(monkeypatch) -> None:
    monkeypatch.setattr(choice, "OFFERS_SECONDS", -1)


def names(makes: str = "video") -> list[str]:
    return [model.name for model in pipelines.offered(makes) if model.summary != "a test"]


def test_without_weights_the_animatic_is_all_there_is_and_the_reason_says_what_to_do(libraries):
    for makes, missing in (("video", "ltx2.3"), ("frame", "flux2-klein")):
        found = pipelines.chosen(makes)
        assert (found.model.name, names(makes)) == ("animatic", ["animatic"])
        assert f"Run “manage.py models download {missing}”." in found.reason


def test_without_the_libraries_the_reason_says_how_to_install_them(monkeypatch, ltx_files):
    monkeypatch.setattr(installed, "LIBRARIES", ("no_such_library",))
    reason = pipelines.chosen("video").reason
    assert reason == "LTX-2.3 cannot run. Not installed: no_such_library. Run “make install”."


def test_with_a_gpu_and_the_weights_ltx_is_the_default_and_the_animatic_is_still_offered(settings, ltx_files, tmp_path):
    settings.DEVICE = "cuda"
    assert pipelines.chosen("video").model.name == "ltx2.3"
    assert pipelines.chosen("video").reason == "A GPU and its weights are here."
    assert names() == ["ltx2.3", "animatic"]
    settings.LTX_DISTILLED_CHECKPOINT = str(checkpoint(tmp_path / "distilled", distilled=True))
    assert names() == ["ltx2.3", "ltx2.3-distilled", "animatic"]


def test_weights_without_a_gpu_are_used_only_where_a_setting_names_the_model(settings, monkeypatch, ltx_files):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert pipelines.chosen("video").model.name == "animatic"
    assert "There is no GPU. Set VIDEO_MODEL=ltx2.3" in pipelines.chosen("video").reason
    settings.VIDEO_MODEL = "ltx2.3"
    assert pipelines.chosen("video") == pipelines.Choice(
        pipelines.find("video", "ltx2.3"), "VIDEO_MODEL names it.", explicit=True
    )
    assert names() == ["ltx2.3", "animatic"]


def test_the_cpu_by_setting_is_not_a_gpu(settings, ltx_files):
    settings.DEVICE = "cpu"
    assert "DEVICE is cpu." in pipelines.chosen("video").reason


@pytest.mark.parametrize("lost", ["model_index.json", "transformer/model-2-of-2.safetensors", "scheduler/"])
def test_a_checkpoint_that_is_not_complete_is_not_offered(settings, ltx_files, lost):
    settings.DEVICE = "cuda"
    path = ltx_files / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert names() == ["animatic"]
    assert lost in pipelines.chosen("video").reason


def test_a_folder_with_another_kind_of_model_is_not_offered(settings, tmp_path, libraries):
    settings.DEVICE, settings.LTX_CHECKPOINT = "cuda", str(checkpoint(tmp_path / "wan", "WanPipeline"))
    assert names() == ["animatic"]
    assert "holds a WanPipeline, which ltx2.3 cannot run" in pipelines.chosen("video").reason


@pytest.mark.parametrize(
    ("part", "config", "what"),
    [
        ("scheduler/scheduler_config.json", {"use_dynamic_shifting": False}, "the distilled LTX-2.3; name it in LTX_D"),
        ("transformer/config.json", {"cross_attn_mod": True}, "an LTX-2.0"),
        ("transformer/config.json", {"perturbed_attn": True, "cross_attn_mod": False}, "an LTX-2.0"),
        ("connectors/config.json", {}, "the connectors of LTX-2.0"),
        ("text_encoder/config.json", {"model_type": "gemma4"}, "2.5 has Gemma 4"),
    ],
)
def test_files_of_another_ltx_in_the_same_layout_are_refused_by_what_they_say(settings, ltx_files, part, config, what):
    settings.DEVICE = "cuda"
    assert names() == ["ltx2.3", "animatic"]
    (ltx_files / part).write_text(json.dumps(config))
    assert names() == ["animatic"]
    reason = pipelines.chosen("video").reason
    assert "does not fit into ltx2.3: it holds " in reason
    assert what in reason


def test_two_stages_are_offered_with_everything_they_need_and_what_is_missing_is_named(settings, ltx_files, tmp_path):
    settings.DEVICE = "cuda"
    final = pipelines.find("video", "ltx2.3-final")
    assert choice.problem(final) == "LTX_UPSAMPLER is empty. Set it to what LTX-2.3 in two stages needs there."
    settings.LTX_UPSAMPLER = "owner/upsampler"
    assert choice.problem(final) == "LTX_UPSAMPLER is owner/upsampler, which is not on this machine."
    tensors(ltx_files / "transformer" / "model-1-of-2.safetensors", {f"{LAYER}.weight": (8, 8)})
    for setting, make in (("LTX_UPSAMPLER", upsampler), ("LTX_DISTILLED_LORA", lora)):
        folder = tmp_path / setting
        folder.mkdir()
        setattr(settings, setting, str(folder))
        assert f"{setting} is {folder}, which holds no " in choice.problem(final)
        assert names() == ["ltx2.3", "animatic"]
        make(folder)
    assert choice.problem(final) is None
    assert names() == ["ltx2.3", "ltx2.3-final", "animatic"]


def test_the_undistilled_model_is_not_run_as_a_draft(settings, ltx_files):
    settings.LTX_DISTILLED_CHECKPOINT, settings.DEVICE = str(ltx_files), "cuda"
    draft = pipelines.find("video", "ltx2.3-distilled")
    assert "it holds the undistilled LTX-2.3; name it in LTX_CHECKPOINT." in choice.problem(draft)


@pytest.mark.parametrize(
    ("kind", "more", "name"),
    [
        ("Flux2KleinPipeline", {"is_distilled": True}, "flux2-klein"),
        ("Flux2KleinPipeline", {"is_distilled": False}, "flux2-klein-base"),
        ("Flux2KleinPipeline", {}, "flux2-klein-base"),  # as diffusers reads it
        ("StableDiffusionPipeline", {}, "text-to-image"),
    ],
)
def test_the_checkpoint_of_frames_says_itself_which_pipeline_it_is_for(settings, tmp_path, libraries, kind, more, name):
    settings.DEVICE, settings.FLUX_CHECKPOINT = "cuda", str(checkpoint(tmp_path / "frames", kind, **more))
    assert names("frame") == [name, "animatic"]


def test_the_undistilled_klein_is_not_run_as_the_distilled_one(settings, tmp_path, libraries):
    folder = checkpoint(tmp_path / "frames", "Flux2KleinPipeline", is_distilled=False)
    settings.FRAME_MODEL, settings.FLUX_CHECKPOINT = "flux2-klein", str(folder)
    reason = pipelines.chosen("frame").reason
    assert reason.endswith("holds an undistilled Flux2KleinPipeline, which flux2-klein cannot run.")


@pytest.mark.parametrize("revision", [None, "v1", "a" * 40])
def test_a_repository_is_found_in_the_hubs_cache_at_its_revision(monkeypatch, tmp_path, revision):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    repository = tmp_path / "hub" / "models--owner--name"
    where = Checkpoint("owner/name", revision)
    assert installed.folder_of(where) is None
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / (revision or "main")).write_text("a" * 40)
    folder = checkpoint(repository / "snapshots" / ("a" * 40))
    assert installed.folder_of(where) == folder
    assert installed.folder_of(Checkpoint("owner/name", "another")) is None
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "elsewhere"))
    assert installed.folder_of(where) is None


@pytest.mark.django_db
def test_where_workers_are_on_other_machines_theirs_count(settings, libraries):
    now = timezone.now()
    Worker.objects.create(name="gpu@there", queues=["videos"], offers=["ltx2.3"], started_at=now, seen_at=now)
    assert pipelines.chosen("video").model.name == "animatic"  # no other machine can be a worker of this one
    settings.WORKERS_ELSEWHERE = True
    choice.forget()
    assert presence.offers() == {"ltx2.3"}
    assert pipelines.chosen("video").reason == "A worker has a GPU and its weights."
    assert names() == ["ltx2.3", "animatic"]
    Worker.objects.update(seen_at=now - 2 * Worker.SILENCE)
    choice.forget()
    assert names() == ["animatic"]


def test_what_is_on_offer_is_remembered_for_some_seconds_but_not_past_a_change_of_a_setting(
    settings, ltx_files, monkeypatch
):
    now = 0.0
    monkeypatch.setattr(choice, "OFFERS_SECONDS", 5)
    monkeypatch.setattr(choice, "time", SimpleNamespace(monotonic=lambda: now))
    settings.DEVICE = "cuda"
    assert names() == ["ltx2.3", "animatic"]
    index = (ltx_files / "model_index.json").read_text()
    (ltx_files / "model_index.json").unlink()
    assert names() == ["ltx2.3", "animatic"]  # no file was looked at
    settings.DEVICE = "cpu"
    assert names() == ["animatic"]
    settings.DEVICE = "cuda"
    assert names() == ["animatic"]  # looked at anew, and the index is gone
    (ltx_files / "model_index.json").write_text(index)
    assert names() == ["animatic"]
    now = 6.0
    assert names() == ["ltx2.3", "animatic"]


def test_a_model_that_is_not_offered_is_refused_by_name(libraries):
    given = {"prompt": "Rain.", "model": ""}
    assert VideoSpec.read(given, models=pipelines.names("video")).model == "animatic"
    with pytest.raises(SpecError, match=r"“ltx2\.3” was given"):
        VideoSpec.read(given | {"model": "ltx2.3"}, models=pipelines.names("video"))


def test_an_unknown_name_or_device_is_a_check_and_never_a_guess(settings):
    settings.VIDEO_MODEL, settings.DEVICE = "ltx9", "tpu"
    with pytest.raises(ImproperlyConfigured, match=r"VIDEO_MODEL must be one of auto, ltx2\.3"):
        choice.explicit("video")
    found = [message.msg for message in run_checks() if message.id == "storyreel.E008"]
    assert len(found) == 2
    assert "got 'ltx9'" in found[0]
    assert "got 'tpu'" in found[1]


def test_a_worker_refuses_to_start_for_a_model_that_it_cannot_run(settings, libraries):
    assert missing_model({"videos", "frames"}) is None
    settings.VIDEO_MODEL = "ltx2.3"
    assert missing_model({"frames", "prompts"}) is None
    assert missing_model({"videos"}) == (
        "VIDEO_MODEL is ltx2.3. The files of diffusers/LTX-2.3-Diffusers are not on this machine. "
        "Run “manage.py models download ltx2.3”."
    )


def test_the_form_begins_with_the_default_and_the_draft_hides_what_it_does_not_use(settings, ltx_files, tmp_path):
    settings.DEVICE = "cuda"
    settings.LTX_DISTILLED_CHECKPOINT = str(checkpoint(tmp_path / "distilled", distilled=True))
    form = VideoForm()
    assert form.chosen_model.name == "ltx2.3"
    assert [form.models[1].label, form.models[2].label] == ["Draft", "Animatic"]

    def hidden(form: VideoForm) -> set[str]:
        return {field.name for field in form if field.is_hidden_by_chosen}

    unused = {"steps", "guidance_scale", "negative_prompt"}
    assert hidden(form) == set()
    assert {field.name for field in form if field.hidden_by == "ltx2.3-distilled animatic"} == unused
    assert hidden(VideoForm(initial={"model": "ltx2.3-distilled"})) == unused
    filming = {"start_strength", "end_strength", "sound", "loras"}
    assert hidden(VideoForm(initial={"model": "animatic"})) == unused | filming
    assert form["steps"].unused_by == []
    wrong = VideoForm(QueryDict("model=ltx2.3-distilled&steps=many"))
    assert not wrong.is_valid()
    assert hidden(wrong) == unused - {"steps"}


def test_the_choice_and_its_reason_are_on_the_scene_page_in_the_console_and_in_healthz(
    settings, ltx_files, client, scene, admin_user
):
    settings.VIDEO_MODEL = "ltx2.3"
    page = signed_in(admin_user).get(reverse("scene", args=[scene.pk])).content.decode()
    assert "VIDEO_MODEL names it." in page
    console = signed_in(admin_user).get(reverse("admin:videogen_worker_changelist")).content.decode()
    assert "Clips: LTX-2.3. VIDEO_MODEL names it." in console
    told = client.get("/healthz").json()["models"]["video"]
    assert (told["chosen"], told["reason"]) == ("ltx2.3", "VIDEO_MODEL names it.")
    assert told["offered"][:2] == ["ltx2.3", "animatic"]


def test_prompts_are_written_by_the_text_encoder_only_where_the_checkpoint_can(settings, ltx_files):
    settings.VIDEO_MODEL = "ltx2.3"
    assert choice.enhancing() is None
    assert optimizers.current().kind == "composer"
    index = json.loads((ltx_files / "model_index.json").read_text())
    (ltx_files / "model_index.json").write_text(json.dumps(index | {"processor": ["transformers", "Gemma3Processor"]}))
    (ltx_files / "processor").mkdir()
    (ltx_files / "processor" / "processor_config.json").write_text("{}")
    assert optimizers.current() == optimizers.Optimizer("encoder", "ltx2.3")
