"""The dialog with LTX-2.3 behind it: the same three steps, only another pipeline."""

import re
from pathlib import Path

import av
import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

pytest.importorskip("torch", reason="The extra ltx is not installed: no model can be run here.")

from tests.fixtures import small_ltx
from tests.fixtures.browser import check_accessibility, choose_custom_size, press, until
from videogen.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("stack")]


@pytest.fixture
def ltx_worker(stack, settings, tmp_path: Path) -> None:
    """A web process and a worker of both queues with the small checkpoint."""
    folder = str(small_ltx.save(tmp_path / "ltx"))
    settings.VIDEO_MODEL, settings.LTX_CHECKPOINT = "ltx2.3", folder
    stack.worker("frames", "videos", VIDEO_MODEL="ltx2.3", LTX_CHECKPOINT=folder)


@pytest.fixture
def draft_offered(settings, tmp_path: Path) -> None:
    """A web process that believes in a GPU and has both checkpoints."""
    settings.DEVICE = "cuda"
    settings.LTX_CHECKPOINT = str(small_ltx.save(tmp_path / "ltx"))
    settings.LTX_DISTILLED_CHECKPOINT = str(small_ltx.save(tmp_path / "distilled", distilled=True))


def test_start_end_and_a_video_with_sound(visit, ltx_worker, action, alice):
    alice.is_staff = True  # told why this pipeline was chosen
    alice.save()
    page = visit(f"/scenes/{action.scene_id}/", alice)
    expect(page.get_by_text("VIDEO_MODEL names it.")).to_be_visible()
    page.locator(f"#film-{action.pk}").click()
    page.get_by_text("Advanced").click()
    choose_custom_size(page, 160, 96)
    for step in ("start", "end"):  # the end frame begins with the settings of the start frame
        expect(page.locator("#clip-panel")).to_have_attribute("data-step", step)
        press(page)
        expect(page.get_by_alt_text(f"The {step} frame")).to_be_visible()
        page.locator("#clip-next").click()

    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "video")
    expect(page.get_by_label("Pipeline")).to_have_value("ltx2.3")
    page.locator("label", has_text=re.compile("^1 s$")).click()
    choose_custom_size(page, 96, 64)
    page.get_by_role("textbox", name="Steps").fill("2")
    press(page)
    video = page.locator("#clip-card video")
    expect(video).to_be_visible(timeout=120_000)
    until(page, "document.querySelector('#clip-card video').readyState >= 1")
    assert video.evaluate("element => element.duration") == pytest.approx(1.0, abs=0.01)

    clip = Video.objects.get()
    assert (clip.model, clip.has_audio, bool(clip.end_sha256)) == ("ltx2.3", True, True)
    with av.open(str(django_settings.MEDIA_ROOT / clip.file.name)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
        assert sum(1 for _ in container.decode(video=0)) == 24


def test_the_draft_hides_what_it_does_not_use_and_nothing_typed_is_lost(
    visit, draft_offered, action, alice, start_frame
):
    page = visit(f"/scenes/{action.scene_id}/blocks/{action.pk}/clip/video/", alice)
    pipeline, steps = page.get_by_label("Pipeline"), page.get_by_role("textbox", name="Steps")
    expect(pipeline).to_have_value("ltx2.3")
    steps.fill("12")
    pipeline.select_option("ltx2.3-distilled")
    for hidden in (steps, page.get_by_label("Guidance scale"), page.get_by_label("Negative prompt")):
        expect(hidden).to_be_hidden()
    check_accessibility(page)
    page.reload()
    expect(pipeline).to_have_value("ltx2.3-distilled")
    expect(steps).to_be_hidden()
    pipeline.select_option("animatic")
    expect(page.locator("#clip-form")).to_contain_text("Animatic")
    expect(steps).to_be_hidden()
    pipeline.select_option("ltx2.3")
    expect(steps).to_have_value("12")
    steps.fill("many")
    pipeline.select_option("ltx2.3-distilled")
    press(page)
    expect(page.locator("#clip_steps_error")).to_contain_text("“many” was given")
    expect(steps).to_be_focused()
