"""What a line of the log tells of its request, and what it never tells."""

import io
import logging
import re
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from config.request_log import RequestFilter, RequestLogMiddleware
from tests.fixtures.people import signed_in
from tests.fixtures.rows import running_video
from videogen.worker import run

SECRET = "a xylophone under a violet parasol"


@pytest.fixture
def log():
    """What the product's own handler would write, from INFO on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(fmt=settings.LOGGING["formatters"]["line"]["format"], style="{"))
    handler.addFilter(RequestFilter())
    root = logging.getLogger()
    level, _ = root.level, root.setLevel(logging.INFO)
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_carries_request_id_person_and_address(log, scene, alice, rf, settings):
    settings.TRUSTED_PROXIES = [ip_network("198.51.100.1/32")]

    def view(request):
        request._cached_user = alice
        logging.getLogger("any").warning("Something is odd.")
        return HttpResponse()

    response = RequestLogMiddleware(view)(
        rf.get("/", REMOTE_ADDR="198.51.100.1", headers={"X-Forwarded-For": "192.0.2.7"})
    )
    assert f"Something is odd. [request={response['X-Request-ID']} person=alice address=192.0.2.7]" in log()
    logging.getLogger("any").warning("Nobody asked.")
    assert log().endswith("Nobody asked.\n")


def test_the_line_of_a_refused_request_carries_them_too(log, action, charlie):
    # Django writes it after every middleware is done.
    response = signed_in(charlie).get(reverse("clip_video", args=[action.scene_id, action.pk]))
    assert response.status_code == 404
    assert re.search(
        rf"Not Found: \S+ \[request={response['X-Request-ID']} person=charlie address=127\.0\.0\.1\]", log()
    )


def test_the_id_of_a_proxy_is_kept_and_what_is_none_is_not(client, db):
    assert client.get("/healthz", headers={"X-Request-ID": "proxy-0123456789"})["X-Request-ID"] == "proxy-0123456789"
    for spoilt in ("short", "a b c d e f g h", "x" * 65, "line%0abreak-0123"):
        assert re.fullmatch(r"[0-9a-f]{16}", client.get("/healthz", headers={"X-Request-ID": spoilt})["X-Request-ID"])


def test_prompts_are_never_written_at_info(log, transactional_db, action, alice, alices, start_frame, capfd):
    # Catches a line that repeats what a person typed: unfinished scripts are secrets.
    browser = signed_in(alice)
    body = {"blockId": str(action.pk), "prompt": SECRET, "duration": 1, "width": 320, "height": 192}
    bad = alices.post(f"/api/scenes/{action.scene_id}/blocks/video", {**body, "seed": -1}, "application/json")
    good = alices.post(f"/api/scenes/{action.scene_id}/blocks/video", body, "application/json")
    assert (bad.status_code, good.status_code) == (422, 202)
    browser.post(reverse("clip_video", args=[action.scene_id, action.pk]), {"prompt": SECRET, "seed": "x"})
    browser.get(reverse("clip_video", args=[action.scene_id, action.pk]) + "nowhere/", {"prompt": SECRET})
    action.videos.all().delete()
    for model in ("animatic", "failing"):
        run.make(running_video(action, alice, prompt=SECRET, model=model), "videos@here")
    assert "Making" in log()
    assert "xylophone" not in log()
    assert "xylophone" not in "".join(capfd.readouterr())
