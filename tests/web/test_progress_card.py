"""What the card over the tile says while a frame or clip is being made."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from tests.fixtures.pages import here
from tests.fixtures.people import signed_in
from tests.fixtures.rows import queued_frame, queued_video, running_video
from videogen.models import Worker
from videogen.worker.preview import PreviewFile
from web.progress_card import ProgressCard


def said(row) -> tuple[str, str, str]:
    card = ProgressCard.of(row)
    return card.phase, card.place, card.announcement


def test_what_waits_names_its_place(action, dialog, alice, start_frame):
    first, second = queued_frame(action, alice, role="end"), queued_frame(dialog, alice)
    assert said(first) == ("Waiting in the queue", "next in line", "Waiting, place 1 in the queue")
    assert said(second) == ("Waiting in the queue", "place 2", "Waiting, place 2 in the queue")


def test_what_runs_names_its_phase_and_step(action, alice, start_frame):
    video = running_video(action, alice)
    video.mine.update(model="ltx2.3")
    video.refresh_from_db()
    assert said(video) == ("Loading model", "", "Loading model")
    video.mine.update(step=12, steps=71)
    video.refresh_from_db()
    assert said(video) == ("Loading model", "12 of 71 GB", "Loading model")
    video.mine.update(phase="denoising", step=12, steps=28, model="slow")
    video.refresh_from_db()
    assert said(video) == ("Denoising", "step 12/28", "Denoising")


def test_a_pipeline_without_diffusion_steps_draws(action, alice, start_frame):
    video = running_video(action, alice, model="animatic")
    video.mine.update(phase="denoising", step=1, steps=1)
    video.refresh_from_db()
    assert said(video)[0] == "Drawing"


def test_a_pipeline_without_a_model_loads_none(action, alice, start_frame):
    assert said(running_video(action, alice, model="animatic"))[0] == "Getting ready"


def test_what_is_asked_to_stop_says_so(action, alice, start_frame):
    video = running_video(action, alice)
    video.cancel(alice)
    video.refresh_from_db()
    assert said(video) == ("Stopping", "", "Stopping")


def test_a_pipeline_that_has_left_the_installation_still_has_its_phase(action, alice, start_frame):
    video = queued_video(action, alice)
    video.claim("worker-1")
    video.mine.update(phase="denoising", model="gone")
    video.refresh_from_db()
    assert said(video)[0] == "Denoising"


def waited(row, seconds: float):
    type(row).objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(seconds=seconds))
    row.refresh_from_db()
    return ProgressCard.of(row)


def worker(**changes) -> None:
    now = timezone.now()
    Worker.objects.create(**{"name": "videos@here", "queues": ["videos"], "started_at": now, "seen_at": now} | changes)


def test_the_card_of_a_waiting_job_says_why_it_waits(action, alice, start_frame):
    # Catches "next in line" for hours, with nobody there to make anything.
    video = queued_video(action, alice)
    assert waited(video, 1).obstacle == ""
    card = waited(video, 20)
    assert card.obstacle == "Nothing is made at the moment: no worker is running. Ask the operator to start one."
    assert card.announcement == card.obstacle
    worker(trouble="Files cannot be written: Read-only file system.")
    assert "finished files cannot be kept" in waited(video, 20).obstacle
    worker(name="videos@there")
    card = waited(video, 20)
    assert (card.obstacle, card.place) == ("", "next in line")


def test_the_reason_is_on_the_page(action, alice, start_frame):
    waited(queued_video(action, alice), 20)
    page = signed_in(alice).get(reverse("clip_video", args=[action.scene_id, action.pk]))
    assert "no worker is running" in page.content.decode()


def test_a_run_that_is_slow_to_begin_says_so_once_and_no_more_after_its_first_step(action, alice, start_frame):
    # Catches minutes at "step 0" during which a person can only guess whether anything happens.
    video = running_video(action, alice)
    assert ProgressCard.of(video).obstacle == ""
    video.mine.update(started_at=timezone.now() - timedelta(seconds=61), phase="denoising", steps=28)
    video.refresh_from_db()
    card = ProgressCard.of(video)
    assert card.obstacle.startswith("Still getting ready.")
    assert card.announcement == card.obstacle
    video.mine.update(step=1)
    video.refresh_from_db()
    assert ProgressCard.of(video).obstacle == ""


def test_the_preview_of_a_running_clip_is_on_its_card_for_whoever_may_see_it(
    action, alice, bob, charlie, start_frame, tmp_path
):
    video = running_video(action, alice)
    card = here("clip_card", action, "video")
    assert "/preview" not in signed_in(bob).get(card).content.decode()
    with PreviewFile(video, tmp_path) as show:
        show(Image.new("RGB", (256, 144), "teal"))
        address = here("clip_preview", action, video.pk)
        page = signed_in(bob).get(card).content.decode()
        assert f'src="{address}?{video.pk}-1-1"' in page
        # Where the browser asks to save data there is none.
        assert "/preview" not in signed_in(bob).get(card, headers={"Save-Data": "on"}).content.decode()
        answer = signed_in(bob).get(address)
        assert (answer.status_code, answer["Content-Type"], answer.content[8:12]) == (200, "image/webp", b"WEBP")
        assert signed_in(charlie).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert signed_in(bob).get(address).status_code == 404
    assert "/preview" not in signed_in(bob).get(card).content.decode()
