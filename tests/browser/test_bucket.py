"""Frames and clips in a bucket, as a browser fetches them: over a redirect, under the page's policy."""

from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.browser import clip_path, until
from tests.fixtures.rows import finished_video
from videogen.media import mp4
from videogen.pipelines.base import Rendering

pytestmark = pytest.mark.django_db(transaction=True)
VIDEO = "document.querySelector('#clip-card video')"


def large_clip(path: Path) -> bytes:
    """A second of noise: more than a browser loads of a clip that nobody plays yet."""
    noise = np.random.default_rng(1)
    frames = (noise.integers(0, 255, (384, 640, 3), np.uint8) for _ in range(24))
    mp4.write_mp4(path, Rendering(frames), width=640, height=384, frame_rate=24, frames=24)
    return path.read_bytes()


def test_a_clip_plays_from_the_bucket_also_when_its_address_has_ended_meanwhile(
    visit, bucket, action, alice, start_frame, tmp_path
):
    # Catches a clip that stands still: browsers ask the bucket's address for the rest of the file, whenever that is.
    take = finished_video(action, alice, large_clip(tmp_path / "clip.mp4"))
    page = visit(clip_path(action, "video"), alice)
    until(page, f"{VIDEO}.readyState >= 1")
    assert page.evaluate(f"{VIDEO}.duration") == pytest.approx(1, abs=0.01)
    bucket.server.end_signatures()
    bucket.forget()
    page.evaluate(f"void ({VIDEO}.loop = false, {VIDEO}.play())")
    until(page, f"{VIDEO}.ended")
    assert bucket.asked().count(f"GET {take.file.name}") >= 2  # the one that was refused, and the one after it


def test_a_frame_is_shown_from_the_bucket(visit, bucket, action, alice, start_frame):
    # Catches a policy that refuses pictures while it allows clips.
    page = visit(clip_path(action, "start"), alice)
    picture = "document.querySelector('img[alt=\"The start frame\"]')"
    until(page, f"{picture}.complete && {picture}.naturalWidth === 320")
    assert f"GET {start_frame.file.name}" in bucket.asked()
