"""Rows in the states tests begin with."""

from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from videogen import actions
from videogen.models import Frame, Video
from videogen.specs import FrameSpec, VideoSpec


def frame_spec(**changes) -> FrameSpec:
    values = {"model": "animatic", "role": "start", "prompt": "A lamp goes out.", "width": 320, "height": 192}
    return FrameSpec(**(values | changes))


def video_spec(**changes) -> VideoSpec:
    values = {"model": "animatic", "prompt": "Slow push in.", "duration": 1, "width": 320, "height": 192}
    return VideoSpec(**(values | changes))


def queued_frame(block, by, **changes) -> Frame:
    return actions.queue_frame(block, frame_spec(**changes), by)


def queued_video(block, by, **changes) -> Video:
    return actions.queue_video(block, video_spec(**changes), by)


def running_video(block, by, worker="worker-1", **changes) -> Video:
    video = queued_video(block, by, **changes)
    assert video.claim(worker)
    return video


def expire_lease(generation) -> None:
    """Make it look as if its worker had not been heard of for a long time."""
    type(generation).objects.filter(pk=generation.pk).update(lease_until="2000-01-01T00:00:00Z")


def finished_video(block, by, data: bytes = b"a clip", **changes) -> Video:
    """A take with a file, made the way a worker makes it, but without one."""
    video = running_video(block, by, **changes)
    name = default_storage.save(f"videos/{video.pk}.mp4", ContentFile(data))
    poster = default_storage.save(f"videos/{video.pk}.webp", ContentFile(b"a poster"))
    assert video.finish(
        file=name, poster=poster, size=len(data), sha256=sha256(data).hexdigest(), seed=video.spec["seed"] or 7
    )
    assert video.make_current()
    video.refresh_from_db()
    return video
