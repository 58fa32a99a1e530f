"""/metrics: who may read it, what it says, and what it costs."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from tests.fixtures.rows import expire_lease, finished_video, queued_frame, queued_video, running_video
from videogen import tasks
from videogen.models import Event, PeriodicRun, Video, Worker, stalled

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
QUERIES = 13  # the clock, five kinds of rows in four queues, ends, four kinds lately made, workers, what beat sends


def read(client: Client, **headers: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200, response.content
    return {
        " ".join([sample.name.removeprefix("storyreel_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_the_queues_are_counted_with_the_age_of_the_oldest_job(client, action, dialog, alice, start_frame):
    queued_frame(dialog, alice)
    video = running_video(action, alice)
    Video.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=40))
    type(start_frame).objects.filter(status="queued").update(created_at=timezone.now() - timedelta(seconds=90))
    told = read(client)
    assert (told["jobs_queued frames"], told["jobs_queued videos"], told["jobs_queued prompts"]) == (1, 0, 0)
    assert (told["jobs_running frames"], told["jobs_running videos"]) == (0, 1)
    assert told["oldest_queued_seconds frames"] == pytest.approx(90, abs=10)
    assert told["oldest_lease_age_seconds videos"] == pytest.approx(40, abs=10)
    assert told["oldest_queued_seconds videos"] == told["oldest_lease_age_seconds frames"] == 0
    assert video.status == "running"


def test_failures_are_counted_by_their_code_and_lost_attempts_together_and_a_planned_stop_is_neither(
    client, action, alice, start_frame
):
    running_video(action, alice).fail("out_of_memory")
    running_video(action, alice).release("its worker is shutting down", lost=False)
    Video.objects.get(status="queued").claim("worker-2")
    video = Video.objects.get(status="running")
    expire_lease(video)
    (lost,) = stalled()
    assert lost.release("its lease ran out", lost=True)
    told = read(client)
    assert (told["failures_total out_of_memory"], told["failures_total internal"]) == (1, 0)
    assert told["attempts_lost_total"] == 1
    Video.objects.all().delete()  # a count that sinks looks like a restart to Prometheus
    assert read(client)["failures_total out_of_memory"] == 1


def test_what_was_made_within_the_hour_is_told_with_its_seconds(client, action, alice, start_frame):
    finished_video(action, alice)
    now = timezone.now()
    Video.objects.update(started_at=now - timedelta(seconds=30), finished_at=now)
    told = read(client)
    assert (told["recent_jobs video"], told["recent_job_seconds video"]) == (1, pytest.approx(30))
    assert told["recent_jobs frame"] == 0  # an upload is no job
    assert "recent_job_seconds frame" not in told
    Video.objects.update(started_at=now - timedelta(hours=2), finished_at=now - timedelta(hours=2))
    assert read(client)["recent_jobs video"] == 0


def test_workers_beat_and_sweep_are_told_with_their_silence(client, monkeypatch):
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # this test's own
    told = read(client)
    assert not any("age_seconds" in name and "lease" not in name for name in told)
    assert "stray_files" not in told
    now = timezone.now()
    for name, silence in (("a", 100), ("b", 20)):
        seen = now - timedelta(seconds=silence)
        Worker.objects.create(name=f"{name}@here", queues=["videos"], started_at=now, seen_at=seen)
    PeriodicRun.objects.note("sweep_files", 3)
    tasks.reconcile()
    told = read(client)
    assert told["consumer_age_seconds videos"] == pytest.approx(20, abs=10)  # of the one that lives
    assert told["stray_files"] == 3
    assert told["sweep_age_seconds"] == pytest.approx(0, abs=10)
    assert "beat_age_seconds" not in told  # a worker asked for it
    tasks.reconcile("beat")
    assert read(client)["beat_age_seconds"] == pytest.approx(0, abs=10)


def test_the_disk_is_told_with_its_reserve(client, settings, tmp_path):
    settings.DISK_RESERVE_BYTES = 7 * 2**20
    told = read(client)
    assert told["disk_reserve_bytes"] == 7 * 2**20
    assert told["disk_free_bytes"] > 0
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    assert "disk_free_bytes" not in read(client)


def test_the_number_of_queries_is_always_the_same(
    client, action, dialog, alice, start_frame, django_assert_num_queries
):
    with django_assert_num_queries(QUERIES):
        client.get("/metrics")
    finished_video(action, alice)
    running_video(action, alice).fail("internal")
    queued_video(action, alice)
    queued_frame(dialog, alice)
    now = timezone.now()
    for number in range(5):
        Worker.objects.create(name=f"{number}@here", queues=["videos"], started_at=now, seen_at=now)
    PeriodicRun.objects.note("beat")
    with django_assert_num_queries(QUERIES):
        client.get("/metrics")


def test_the_manual_says_how_many_queries_a_scrape_costs():
    # Catches a figure that was true of an earlier release: 11 stood there when there were 13.
    assert f"text format, in {QUERIES} queries." in (django_settings.BASE_DIR / "docs" / "operations.md").read_text()


def test_the_history_is_counted_by_its_index(action, alice, start_frame, connection_plan):
    # Catches a scrape that reads the whole history every few seconds.
    running_video(action, alice).fail("internal")
    assert "to_stat" in connection_plan(lambda: list(metrics._ends()))


@pytest.fixture
def connection_plan(django_assert_max_num_queries):
    """How the database would answer the one query of a call."""

    def plan(call) -> str:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            call()
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "SET enable_seqscan = off; EXPLAIN "
        with connection.cursor() as cursor:
            for statement in (explain + queries[-1]["sql"]).split("; "):
                cursor.execute(statement.replace("%", "%%"))
            return str(cursor.fetchall())

    return plan


# --- Who may read it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1"])
def test_without_a_token_this_machine_may_read_it(client, address):
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "::2", "", "127.0.0.1, 192.0.2.7"])
def test_without_a_token_no_other_machine_may(client, address):
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto", "Via"]
)
def test_without_a_token_whoever_comes_through_a_proxy_of_this_machine_may_not(client, header):
    # Catches nginx beside the web server, whose visitors would all look like this machine.
    assert client.get("/metrics", headers={header: "127.0.0.1"}, REMOTE_ADDR="127.0.0.1").status_code == 404


def test_with_a_token_only_whoever_has_it_may_wherever_from(client, settings):
    settings.METRICS_TOKEN = "the-token-of-the-metrics"
    refused = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    for wrong in ("Bearer", "Bearer the-token-of-the-metric", "Basic the-token-of-the-metrics", "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    right = {"Authorization": "bearer the-token-of-the-metrics", "X-Forwarded-For": "192.0.2.7"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.post("/metrics", headers=right).status_code == 405


def test_a_database_that_is_away_is_a_503(client, monkeypatch):
    def away() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "database_time", away)
    assert client.get("/metrics").status_code == 503


def test_nobody_s_words_and_names_are_in_it(client, action, alice, start_frame):
    running_video(action, alice, prompt="a xylophone under a violet parasol").fail("internal")
    text = client.get("/metrics").content.decode()
    assert Event.objects.exists()
    assert "parasol" not in text
    assert "alice" not in text
