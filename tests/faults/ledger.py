"""What may never be untrue after a storm, whatever broke on the way."""

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from django.conf import settings

from videogen.media import mp4
from videogen.media.storage import LOCK
from videogen.models import LIVE, Event, Frame, Status, Video
from videogen.worker.reconcile import reconcile

LEGAL = {
    ("", "queued"),
    ("", "succeeded"),  # an upload
    ("queued", "running"),
    ("queued", "cancelled"),
    ("running", "queued"),
    ("running", "succeeded"),
    ("running", "failed"),
    ("running", "cancelled"),
}


def violations(accepted: Iterable[UUID]) -> list[str]:
    """Every broken rule in words; an empty list is a clean ledger."""
    rows = [*Frame.objects.all(), *Video.objects.all()]
    found = [
        *_lost(set(accepted), {row.pk for row in rows}),
        *(f"{row} is not over" for row in rows if row.status in LIVE),
        *(complaint for row in rows for complaint in _file(row)),
        *_strays(rows),
        *(complaint for row in rows for complaint in _history(row.pk, row.status)),
    ]
    before = list(Event.objects.values())
    reconcile()
    if list(Event.objects.values()) != before:
        found.append("another reconcile changed something")
    return found


def _lost(accepted: set[UUID], present: set[UUID]) -> Iterable[str]:
    deleted = set(Event.objects.filter(to_status="deleted").values_list("generation_id", flat=True))
    for lost in accepted - present - deleted:
        yield f"{lost} was accepted and is lost"


def _file(row: Frame | Video) -> Iterable[str]:
    if row.status != Status.SUCCEEDED:
        return
    path = Path(settings.MEDIA_ROOT) / row.file.name
    if not path.is_file():
        yield f"{row} has no file"
    elif path.stat().st_size != row.size:
        yield f"{row} has a file of another size"
    elif hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
        yield f"{row} has a file with other bytes"
    elif isinstance(row, Video) and mp4.probe(path).frames != row.frames:
        yield f"{row} has a clip of another length"


def _strays(rows: list[Frame | Video]) -> Iterable[str]:
    named = {name for row in rows for name in (row.file.name, row.poster.name)}
    root = Path(settings.MEDIA_ROOT)
    for folder in ("frames", "videos", "parts"):
        for path in (root / folder).rglob("*"):
            # A process that was killed leaves its workspace, empty but for the lock, until the next sweep.
            if path.is_file() and path.name != LOCK and str(path.relative_to(root)) not in named:
                yield f"{path.name} belongs to no row"


def _history(generation: UUID, status: str) -> Iterable[str]:
    events = list(Event.objects.filter(generation_id=generation))
    steps = [(event.from_status, event.to_status) for event in events]
    for step in steps:
        if step not in LEGAL:
            yield f"{generation} went from {step[0]} to {step[1]}"
    if any(before.to_status != after.from_status for before, after in pairwise(events)):
        yield f"{generation} has a gap in its history"
    if not events or events[-1].to_status != status:
        yield f"{generation} is {status}, which its history does not end with"
    claims = [event.attempt for event in events if event.to_status == "running"]
    if claims != sorted(set(claims)):
        yield f"{generation} has attempts that do not rise: {claims}"
