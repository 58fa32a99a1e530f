"""A clip by LTX-2.3 on the real road: queue, worker, file; and a worker that refuses to start without weights."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from django.conf import settings as django_settings

from tests.fixtures.rows import expire_lease, queued_video
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.standing import child_of
from tests.fixtures.storm import parts
from videogen import actions
from videogen.models import Status, Worker
from videogen.worker.reconcile import reconcile

pytestmark = pytest.mark.xdist_group("stack")


def ended(row) -> bool:
    row.refresh_from_db()
    return not row.is_live


@pytest.fixture
def asked(action, alice, ltx_folder: Path, settings):
    """The settings of the web process and the worker, both frames chosen, and what is asked for."""
    settings.VIDEO_MODEL, settings.LTX_CHECKPOINT = "ltx2.3", str(ltx_folder)
    for role, color in (("start", "teal"), ("end", "orange")):
        actions.upload_frame(action, role, picture_file((160, 96), color), alice)
    small = {"model": "ltx2.3", "width": 96, "height": 64, "steps": 2, "seed": 5}
    return lambda **changes: queued_video(action, alice, **small | changes)


def test_a_clip_has_video_and_sound_of_exactly_the_asked_length(stack, asked, ltx_folder):
    process = stack.worker("videos", VIDEO_MODEL="ltx2.3", LTX_CHECKPOINT=str(ltx_folder))
    worker = Worker.objects.get(pid=process.pid)
    assert worker.offers == ["ltx2.3"]
    for duration, frame_rate in ((1, 30), (2, 25)):
        clip = asked(duration=duration, frame_rate=frame_rate)
        wait_for(lambda clip=clip: ended(clip), 120)
        assert clip.status == Status.SUCCEEDED, stack.log("videos")
        assert clip.has_audio
        with av.open(str(django_settings.MEDIA_ROOT / clip.file.name)) as container:
            video, sound = container.streams.video[0], container.streams.audio[0]
            assert (video.codec_context.name, sound.codec_context.name) == ("h264", "aac")
            assert (video.width, video.height, video.average_rate) == (96, 64, clip.frame_rate)
            assert sum(1 for _ in container.decode(video)) == clip.duration * clip.frame_rate
            assert video.duration * video.time_base == clip.duration
            assert abs(sound.duration * sound.time_base - clip.duration) < Fraction(1, 1000)
            assert clip.checkpoint == str(ltx_folder)
    worker.refresh_from_db()
    assert (worker.loaded, worker.device) == ("LTX-2.3", "cpu")
    preview = asked(model="animatic")
    wait_for(lambda: ended(preview), 120)
    assert (preview.status, preview.checkpoint) == (Status.SUCCEEDED, "")
    worker.refresh_from_db()
    assert worker.loaded == "LTX-2.3"  # it is kept while the animatic draws


def test_a_clip_is_stopped_in_the_middle_and_the_next_one_is_made(stack, asked, ltx_folder, alice):
    stack.worker("videos", VIDEO_MODEL="ltx2.3", LTX_CHECKPOINT=str(ltx_folder))
    long = asked(steps=50, duration=4)
    wait_for(lambda: long.refresh_from_db() or long.step >= 1, 120)
    actions.cancel(long, alice)
    wait_for(lambda: ended(long), 120)
    assert long.status == Status.CANCELLED
    assert long.step < 50
    following = asked()
    wait_for(lambda: ended(following), 120)
    assert following.status == Status.SUCCEEDED, stack.log("videos")


@pytest.mark.long
def test_a_clip_of_1920_x_1080_and_8_seconds_at_30_has_240_frames(stack, asked, tmp_path, settings):
    # Catches what only the largest clip meets: noise levels that collapse, a count that is rounded, a row cut off, a
    # phase that is silent for too long. One block, no guidance, and the narrowest decoder: minutes all the same.
    from tests.fixtures import small_ltx

    settings.LTX_CHECKPOINT = str(small_ltx.save(tmp_path / "ltx", blocks=1, decoder=(2, 4, 4, 8)))
    stack.worker("videos", VIDEO_MODEL="ltx2.3", LTX_CHECKPOINT=settings.LTX_CHECKPOINT)
    clip = asked(width=1920, height=1080, duration=8, frame_rate=30, steps=2, guidance_scale=1)
    wait_for(lambda: ended(clip), 1800, every=1)
    assert clip.status == Status.SUCCEEDED, stack.log("videos")
    with av.open(str(django_settings.MEDIA_ROOT / clip.file.name)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert {(frame.width, frame.height) for frame in container.decode(video)} == {(1920, 1080)}
        assert (video.frames, video.average_rate, video.duration * video.time_base) == (240, 30, 8)
        assert abs(sound.duration * sound.time_base - 8) < Fraction(1, 1000)


@pytest.mark.parametrize("model", ["ltx2.3", pytest.param("ltx2.3-final", marks=pytest.mark.long)])
def test_a_clip_whose_process_is_killed_at_half_the_steps_is_finished_by_another_worker_from_there(
    stack, asked, ltx_folder, tmp_path, settings, model
):
    from tests.fixtures import small_ltx

    # Catches what no test in one process can: a file that is not there, or not whole, after kill -9.
    begun = tmp_path / "steps"
    settings.LTX_UPSAMPLER = str(small_ltx.save_upsampler(tmp_path / "upsampler"))
    settings.LTX_DISTILLED_LORA = str(small_ltx.save_lora(tmp_path / "lora"))
    beside = {"LTX_UPSAMPLER": settings.LTX_UPSAMPLER, "LTX_DISTILLED_LORA": settings.LTX_DISTILLED_LORA}
    given = beside | {"VIDEO_MODEL": model, "LTX_CHECKPOINT": str(ltx_folder), "COUNTED_STEPS": str(begun)}
    steps = 8
    total = steps + 3 * (model == "ltx2.3-final")
    first = stack.worker("videos", name="first", **given)
    clip = asked(model=model, steps=steps, duration=1)
    wait_for(lambda: begun.exists() and len(begun.read_text().split()) > total // 2, 120)
    child = child_of(first)
    first.kill()  # the parent first: no other child takes over
    child.kill()
    assert ".state" in {path.suffix for path in parts()}
    expire_lease(clip)
    stack.worker("videos", name="second", **given)
    reconcile()
    wait_for(lambda: ended(clip), 120)
    assert (clip.status, clip.attempt) == (Status.SUCCEEDED, 2), stack.log("second")
    done = [int(step) for step in begun.read_text().split()]
    assert set(done) == set(range(total))
    assert len(done) - total <= 2, done
    wait_for(lambda: parts() == [], 20)  # the worker clears away after it has said that the clip is there

    undisturbed = asked(model=model, steps=steps, duration=1)
    wait_for(lambda: ended(undisturbed), 120)
    assert len(begun.read_text().split()) == len(done) + total
    assert undisturbed.sha256 == clip.sha256


def test_a_worker_without_the_weights_of_the_named_model_says_what_to_do_and_ends(stack, tmp_path):
    process = stack.start(
        "refused",
        "celery",
        "-A",
        "config",
        "worker",
        "-Q",
        "videos",
        "-c",
        "1",
        VIDEO_MODEL="ltx2.3",
        HF_HOME=str(tmp_path),
    )
    assert wait_for(lambda: process.poll() is not None)
    assert process.returncode != 0
    assert (
        "This worker cannot make anything. VIDEO_MODEL is ltx2.3. The files of diffusers/LTX-2.3-Diffusers are not on "
        "this machine. Run “manage.py models download ltx2.3”."
    ) in stack.log("refused")
