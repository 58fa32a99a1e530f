"""/metrics: how it stands, for Prometheus. A fixed number of queries, whatever there is to count."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Avg, Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from scenes.access import public
from videogen import obstacles
from videogen.errors import SENTENCES
from videogen.media import storage
from videogen.models import KINDS, PLANNED_STOP, Event, PeriodicRun, Status, Worker
from videogen.queue_state import queue_states
from videogen.worker.clock import database_time

RECENT = timedelta(hours=1)
LONGEST = timedelta(days=1)  # that a recent job may have waited; it bounds what the query looks at
# Of any proxy: whoever sends one of them has come from somewhere else than this machine.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@public
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the numbers in Prometheus's text format: to whoever has METRICS_TOKEN or, without one, to this machine.

    503 where the database does not answer, which Prometheus notes as a target that is down.
    """
    if not settings.METRICS_TOKEN and not _is_of_this_machine(request):
        raise Http404
    if settings.METRICS_TOKEN and not _has_token(request):
        challenge = {"WWW-Authenticate": 'Bearer realm="metrics"'}
        return HttpResponse("This asks for METRICS_TOKEN.\n", status=401, content_type="text/plain", headers=challenge)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers())
    try:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def _is_of_this_machine(request: HttpRequest) -> bool:
    try:
        loopback = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return loopback and not any(name in request.headers for name in FORWARDED)


class _Numbers:
    """Collects everything anew for each answer; several web processes need no memory in common."""

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics. Raises the database's errors."""
        now = database_time()
        yield from _queues(now)
        yield from _ends()
        yield from _recent(now)
        yield from _consumers(now)
        yield from _periodic(now)
        yield from _disk()


def _queues(now: datetime) -> Iterator[Metric]:
    queued = _gauge("jobs_queued", "Jobs that wait.", "queue")
    oldest = _gauge("oldest_queued_seconds", "Since the job that waits longest was asked for.", "queue")
    running = _gauge("jobs_running", "Jobs that are being made.", "queue")
    silent = _gauge("oldest_lease_age_seconds", "Since the lease of some running job was renewed last.", "queue")
    for state in queue_states(now):
        queued.add_metric([state.queue], state.queued)
        running.add_metric([state.queue], state.running)
        oldest.add_metric([state.queue], state.oldest_queued or 0)
        silent.add_metric([state.queue], state.oldest_heartbeat or 0)
    yield from (queued, oldest, running, silent)


def _ends() -> Iterator[Metric]:
    """The history is never deleted, so that these only rise. Each begins with 0, or its first rise would not show."""
    failed, lost = dict.fromkeys(SENTENCES, 0), 0
    ends = Event.objects.filter(Q(to_status=Status.FAILED) | Q(to_status=Status.QUEUED, note__gt="")).order_by()
    for status, note, count in ends.values_list("to_status", "note").annotate(Count("pk")):
        if status == Status.FAILED:
            failed[note] = count
        elif note != PLANNED_STOP:
            lost += count
    failures = CounterMetricFamily(
        "storyreel_failures", "Jobs that failed, by the code of the reason.", labels=["code"]
    )
    for code, count in failed.items():
        failures.add_metric([code], count)
    yield failures
    yield CounterMetricFamily("storyreel_attempts_lost", "Attempts lost whose job was queued again.", value=lost)


def _recent(now: datetime) -> Iterator[Metric]:
    finished = _gauge("recent_jobs", "Jobs finished within the last hour.", "kind")
    seconds = _gauge("recent_job_seconds", "How long those took, in the mean.", "kind")
    for name, kind in KINDS.items():
        rows = kind.objects.filter(
            status=Status.SUCCEEDED, created_at__gte=now - LONGEST, finished_at__gte=now - RECENT
        ).exclude(model="")  # an upload
        told = rows.order_by().aggregate(count=Count("pk"), mean=Avg(F("finished_at") - F("started_at")))
        finished.add_metric([name], told["count"])
        if told["mean"] is not None:
            seconds.add_metric([name], told["mean"].total_seconds())
    yield from (finished, seconds)


def _consumers(now: datetime) -> Iterator[Metric]:
    """A queue that nobody ever took jobs from has no age."""
    age = _gauge("consumer_age_seconds", "Since a worker of the queue was heard of.", "queue")
    ages: dict[str, float] = {}
    for worker in Worker.objects.only("queues", "seen_at"):
        seconds = max(0.0, (now - worker.seen_at).total_seconds())
        ages |= {queue: min(seconds, ages.get(queue, seconds)) for queue in worker.queues}
    for queue, seconds in sorted(ages.items()):
        age.add_metric([queue], seconds)
    yield age


def _periodic(now: datetime) -> Iterator[Metric]:
    """What never ran has no age."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    names = {obstacles.SWEEP: "sweep", obstacles.BEAT: "beat", obstacles.FILES: "file_sweep"}
    for name, word in names.items():
        age = GaugeMetricFamily(f"storyreel_{word}_age_seconds", f"Since the last sign of life of: {word}.")
        if name in runs:
            age.add_metric([], max(0.0, (now - runs[name].at).total_seconds()))
        yield age
    strays = GaugeMetricFamily("storyreel_stray_files", "Files without a row that the last sweep moved away.")
    if obstacles.FILES in runs and (count := runs[obstacles.FILES].count) is not None:
        strays.add_metric([], count)
    yield strays


def _disk() -> Iterator[Metric]:
    free = GaugeMetricFamily("storyreel_disk_free_bytes", "Free on the disk of the web server's media.")
    with suppress(OSError):  # of a disk that cannot be read nothing is told; its alert asks for absence as well
        free.add_metric([], shutil.disk_usage(storage.parts_folder()).free)
    reserve = "Free space under which no job is taken."
    yield from (free, GaugeMetricFamily("storyreel_disk_reserve_bytes", reserve, value=settings.DISK_RESERVE_BYTES))


def _gauge(name: str, help_text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"storyreel_{name}", help_text, labels=[label])
