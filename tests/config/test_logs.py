"""Lines of the log as JSON, and which job they belong to."""

import json
import logging
import logging.config

import pytest
from django.conf import settings
from django.http import HttpResponse

from config.logs import JsonFormatter
from config.request_log import RequestFilter, RequestLogMiddleware
from tests.fixtures.rows import queued_video
from videogen import tasks
from videogen.models import Video
from videogen.worker import current


class Lines(logging.Handler):
    """What would be written, each line read back."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []
        self.setFormatter(JsonFormatter())
        self.addFilter(RequestFilter())

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        assert "\n" not in text
        self.lines.append(json.loads(text))


@pytest.fixture
def lines():
    handler, root = Lines(), logging.getLogger()
    level, _ = root.level, root.setLevel(logging.INFO)
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_says_when_how_bad_who_and_what(lines):
    logging.getLogger("any").warning("It is “%s”.\nAnd more.", "odd")
    (line,) = lines
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "WARNING", "logger": "any", "message": "It is “odd”.\nAnd more."}


def test_a_traceback_is_a_field(lines):
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("any").exception("It failed.")
    assert lines[0]["traceback"].endswith("ValueError: why")


def test_a_job_that_is_queued_is_told_with_its_request(lines, action, alice, start_frame, rf):
    # Catches a log in which nobody finds the request that a job came from.
    lines.clear()
    made = []

    def view(request):
        request._cached_user = alice
        made.append(queued_video(action, alice, prompt="a xylophone"))
        return HttpResponse()

    response = RequestLogMiddleware(view)(rf.get("/?sesame=secret", REMOTE_ADDR="192.0.2.7"))
    (line,) = [line for line in lines if line["logger"] == "videogen.actions"]
    assert line["message"] == "Queued: video for videos."
    assert {key: line[key] for key in ("request", "person", "address", "generation", "kind", "attempt")} == {
        "request": response["X-Request-ID"],
        "person": "alice",
        "address": "192.0.2.7",
        "generation": str(made[0].pk),
        "kind": "video",
        "attempt": 0,
    }
    assert "secret" not in str(lines)
    assert "xylophone" not in str(lines)


def test_every_line_of_a_worker_names_the_job_and_its_attempt(lines, action, alice, start_frame, monkeypatch):
    queued_video(action, alice)

    def make(generation, hostname):
        logging.getLogger("library").warning("The pictures are odd.")

    monkeypatch.setattr(tasks.run, "make", make)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # this test's own
    tasks.run_next("videos")
    (line,) = [line for line in lines if line["logger"] == "library"]
    assert (line["generation"], line["attempt"]) == (str(Video.objects.get().pk), 1)
    logging.getLogger("library").warning("Between two.")
    assert "generation" not in lines[-1]


def test_a_job_whose_making_fails_does_not_stick_to_later_lines(action, alice, start_frame):
    video = queued_video(action, alice)
    with pytest.raises(ValueError, match="broken"), current.working_on(video):
        raise ValueError("broken")
    assert current.job() is None


def test_both_formats_can_be_configured():
    # Catches a name in the settings that nothing has; gunicorn and Celery use the same configuration.
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    try:
        for name, kind in (("line", logging.Formatter), ("json", JsonFormatter)):
            handler = settings.LOGGING["handlers"]["stderr"] | {"formatter": name}
            logging.config.dictConfig(settings.LOGGING | {"handlers": {"stderr": handler}})
            assert type(root.handlers[0].formatter) is kind
    finally:
        root.handlers[:] = before[1]
        root.setLevel(before[0])
