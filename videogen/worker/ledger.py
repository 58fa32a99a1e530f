"""What may never be untrue of the jobs that were accepted, whatever broke on the way: one function for each rule.

The history (Event) is the ledger: it is only added to, and outlives the rows it tells of.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

import av
from django.conf import settings
from django.core.files.storage import default_storage

from videogen.media import mp4, storage, unfinished
from videogen.media.storage import LOCK
from videogen.models import KINDS, LIVE, Event, Export, Frame, Job, PromptRewrite, Status, Video
from videogen.worker.clock import database_time
from videogen.worker.reconcile import reconcile

DELETED = "deleted"
LEGAL = {
    ("", "queued"),
    ("", "succeeded"),  # an upload
    ("queued", "running"),
    ("queued", "cancelled"),
    ("running", "queued"),
    ("running", "succeeded"),
    ("running", "failed"),
    ("running", "cancelled"),
    *((status, DELETED) for status in Status.values),
}
NOTICED = timedelta(seconds=90)  # within which a dead worker is noticed
OF_JOBS = ("frames", "videos", "exports", "parts")  # the folders of files that belong to one row, or to none


class Violation(NamedTuple):
    """A rule that is broken, by its name, and what breaks it."""

    rule: str
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that is known of all jobs at one moment."""

    accepted: frozenset[UUID]
    rows: list[Job]
    events: dict[UUID, list[Event]]  # by row, in order
    files: dict[str, bool]  # by name, whether it is older than a file may lie without a row

    @classmethod
    def read(cls, accepted: Iterable[UUID]) -> "Ledger":
        """Read the tables and list the files. accepted: ids that the history may not know."""
        # The files before their rows: whatever is there by then and has one is in both.
        files = {name: storage.is_old(name) for folder in OF_JOBS for name in storage.files_below(folder)}
        rows: list[Job] = [row for kind in KINDS.values() for row in kind.rows().order_by("pk")]
        events: dict[UUID, list[Event]] = defaultdict(list)
        for event in Event.objects.order_by("id"):
            events[event.generation_id].append(event)
        return cls(frozenset(accepted) | frozenset(events), rows, dict(events), files)

    def history(self, row: Job) -> list[Event]:
        """Return the events of a row, oldest first."""
        return self.events.get(row.pk, [])

    @property
    def made(self) -> Iterator[Frame | Video | Export]:
        """The rows that have succeeded and end in a file."""
        return (row for row in self.rows if row.status == Status.SUCCEEDED and not isinstance(row, PromptRewrite))


Rule = Callable[[Ledger], Iterator[str]]


def accepted_is_kept(ledger: Ledger) -> Iterator[str]:
    """Whatever was accepted has a row, until somebody deletes it."""
    kept = {row.pk for row in ledger.rows}
    for lost in sorted(ledger.accepted - kept):
        if not any(event.to_status == DELETED for event in ledger.events.get(lost, [])):
            yield f"{lost} was accepted and is lost"


def steps_are_legal(ledger: Ledger) -> Iterator[str]:
    """Every change of status is one that exists."""
    for key, events in ledger.events.items():
        for event in events:
            if (event.from_status, event.to_status) not in LEGAL:
                yield f"{key} went from {event.from_status or 'nothing'} to {event.to_status}"


def history_has_no_gap(ledger: Ledger) -> Iterator[str]:
    """A history begins at the beginning, and every change begins where the one before ended."""
    for key, events in ledger.events.items():
        if events[0].from_status or any(old.to_status != new.from_status for old, new in pairwise(events)):
            yield f"{key} has a gap in its history"


def history_ends_as_the_row(ledger: Ledger) -> Iterator[str]:
    """The last event of a row is how it stands."""
    for row in ledger.rows:
        events = ledger.history(row)
        if not events or events[-1].to_status != row.status:
            yield f"{row} does not stand where its history ends"


def attempts_rise(ledger: Ledger) -> Iterator[str]:
    """Each claim has the next number, so that no two workers ever held the same one."""
    numbers = {row.pk: row.attempt for row in ledger.rows}
    for key, events in ledger.events.items():
        claims = [event.attempt for event in events if event.to_status == Status.RUNNING]
        if claims != list(range(1, len(claims) + 1)) or numbers.get(key, len(claims)) != len(claims):
            yield f"{key} has attempts that do not rise one by one: {claims}"


def lost_attempts_are_bounded(ledger: Ledger) -> Iterator[str]:
    """No row is tried for ever, and none counts more lost attempts than it had claims."""
    for row in ledger.rows:
        if row.lost_attempts > min(row.attempt, settings.MAX_ATTEMPTS):
            yield f"{row} has lost {row.lost_attempts} of {row.attempt} attempts"


def success_has_its_file(ledger: Ledger) -> Iterator[str]:
    """A result is there, to the byte, and a clip is as long as was asked for."""
    for row in ledger.made:
        if complaint := _complaint(row):
            yield f"{row} {complaint}"


def _complaint(row: Frame | Video | Export) -> str:
    try:
        if not row.file or not default_storage.exists(row.file.name or ""):
            return "has no file"
        with default_storage.open(row.file.name or "") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if file.size != row.size:
                return "has a file of another size"
            if digest != row.sha256:
                return "has a file with other bytes"
            file.seek(0)
            if isinstance(row, Video) and mp4.probe(file).frames != row.frames:
                return "has a clip of another length"
    except (OSError, av.FFmpegError):
        return "has a file that cannot be read"
    if isinstance(row, Export):
        return ""
    return "" if row.poster and default_storage.exists(row.poster.name or "") else "has no poster"


def files_have_one_owner(ledger: Ledger) -> Iterator[str]:
    """No two rows name the same file."""
    names = Counter(name for row in ledger.made for name in row.file_names)
    for name, rows in names.items():
        if rows > 1:
            yield f"{name} belongs to {rows} rows"


def files_have_a_row(ledger: Ledger) -> Iterator[str]:
    """Files without a row are younger than an hour: their row may be on its way, or a sweep."""
    for name in _strays(ledger):
        if ledger.files[name]:
            yield f"{name} belongs to no row"


def _strays(ledger: Ledger) -> Iterator[str]:
    named = {name for row in ledger.made for name in row.file_names}
    live = (row for row in ledger.rows if row.status in LIVE and isinstance(row, Video))
    named |= {f"parts/{unfinished.name_of(row)}" for row in live}
    # A process that was killed leaves its workspace, empty but for the lock, until the next sweep.
    return (name for name in ledger.files if name not in named and not name.endswith(f"/{LOCK}"))


def one_is_live_in_a_place(ledger: Ledger) -> Iterator[str]:
    """A block has at most one job of a kind, and of a role or step, that waits or runs."""
    places = Counter(
        (row.KIND, *(str(getattr(row, name)) for name in row.PLACE)) for row in ledger.rows if row.status in LIVE
    )
    for place, rows in places.items():
        if rows > 1:
            yield f"{rows} jobs are live in one place: {' '.join(place)}"


def dead_workers_are_noticed(ledger: Ledger) -> Iterator[str]:
    """Nothing runs long after its lease."""
    now = database_time()
    for row in ledger.rows:
        if row.status == Status.RUNNING and (row.lease_until is None or row.lease_until < now - NOTICED):
            yield f"{row} has had no lease for more than {NOTICED.seconds} s, and nobody noticed"


def waiting_can_be_claimed(ledger: Ledger) -> Iterator[str]:
    """Nothing waits that no worker would ever take."""
    for row in ledger.rows:
        if row.status == Status.QUEUED and row.cancel_requested_at is not None:
            yield f"{row} waits and was asked to stop: nobody will claim it"


def everything_is_over(ledger: Ledger) -> Iterator[str]:
    """Every row has ended."""
    for row in ledger.rows:
        if row.status in LIVE:
            yield f"{row} is not over"


def nothing_lies_about(ledger: Ledger) -> Iterator[str]:
    """No file is without a row, however young."""
    for name in _strays(ledger):
        yield f"{name} belongs to no row"


def sweep_finds_nothing(ledger: Ledger) -> Iterator[str]:
    """Another sweep has nothing to mend."""
    before = list(Event.objects.order_by("id").values())
    reconcile()
    if list(Event.objects.order_by("id").values()) != before:
        yield "another sweep changed something"


RULES: tuple[Rule, ...] = (
    accepted_is_kept,
    steps_are_legal,
    history_has_no_gap,
    history_ends_as_the_row,
    attempts_rise,
    lost_attempts_are_bounded,
    success_has_its_file,
    files_have_one_owner,
    files_have_a_row,
    one_is_live_in_a_place,
    dead_workers_are_noticed,
    waiting_can_be_claimed,
)
SETTLED: tuple[Rule, ...] = (everything_is_over, nothing_lies_about, sweep_finds_nothing)


def violations(accepted: Iterable[UUID] = (), *, settled: bool = False) -> list[Violation]:
    """Return every broken rule in words; nothing for a clean ledger.

    accepted: ids that were accepted, beside those the history tells of. settled: the work is said to be over, so that
    nothing may wait or run, no file may lie about, and a sweep, which this runs, may find nothing.
    """
    ledger = Ledger.read(accepted)
    return [
        Violation(rule.__name__, words) for rule in (*RULES, *(SETTLED if settled else ())) for words in rule(ledger)
    ]
