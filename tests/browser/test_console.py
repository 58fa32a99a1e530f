"""The operator's lists, as a browser lays them out."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from scenes.models import RightRequest
from tests.fixtures.browser import PHONE, WIDE
from tests.fixtures.rows import finished_video, queued_frame, running_video
from videogen.models import BroughtTimeline, Export

pytestmark = pytest.mark.django_db(transaction=True)

# How many pixels lie between the first and the last line of each cell; what is cut off with an ellipsis has one line.
SPREADS = """() => [...document.querySelectorAll("#result_list tbody :is(td, th):not(.field-picture)")].map((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  const tops = [...text.getClientRects()].filter((box) => box.width).map((box) => box.top);
  return Math.max(...tops) - Math.min(...tops);
})"""


@pytest.mark.parametrize("model", ["frame", "video"])
def test_a_row_of_frames_or_videos_is_one_line_at_1440_pixels(visit, scene, action, dialog, alice, start_frame, model):
    # Catches a long title, name or error that makes a row three lines high, and the list three screens.
    long = "A keeper climbs the stairs of the lighthouse, slowly, and lights the lamp. " * 5
    scene.title = long[:190]
    scene.save()
    User.objects.filter(pk=alice.pk).update(username="a-very-long-name-of-an-operator" * 2)
    finished_video(action, alice, prompt=long)
    running_video(action, alice, prompt=long, worker="videos@a-machine-with-a-long-name.example.org/12345")
    queued_frame(action, alice, prompt=long)
    failed = queued_frame(dialog, alice, prompt=long)
    assert failed.claim("worker-1")
    failed.fail("out_of_memory", {"asked": "1920x1080, 8 s", "fits": "1280x720 fits."})
    operator = User.objects.create_superuser("operator")
    page = visit(reverse(f"admin:videogen_{model}_changelist"), operator, viewport=WIDE)
    assert page.locator("#result_list tbody tr").count() >= 2
    assert max(page.evaluate(SPREADS)) < 8


def test_a_row_of_another_list_is_one_line_too(visit, scene, alice):
    # Catches a list without the console's own sheet: a title of eight words was eight lines high.
    Export.objects.create(
        film=scene.film, title="A film with a rather long title " * 8, model="mp4", requested_by=alice
    )
    page = visit(reverse("admin:videogen_export_changelist"), User.objects.create_superuser("operator"), viewport=WIDE)
    assert page.locator("#result_list tbody tr").count() == 1
    assert max(page.evaluate(SPREADS)) < 8


@pytest.mark.parametrize("of", ["timeline", "request", "rights"])
def test_a_page_is_no_wider_than_a_phone(visit, scene, alice, of):
    # Catches a name without a space in the heading, and a hidden one outside the part of the page that scrolls.
    film, long = scene.film, "x" * 120
    User.objects.filter(pk=alice.pk).update(username=long)
    path = {
        "timeline": lambda: reverse("admin:videogen_broughttimeline_change", args=[brought(film, long).pk]),
        "request": lambda: reverse("admin:scenes_rightrequest_change", args=[asked(film, alice).pk]),
        "rights": lambda: reverse("admin:scenes_scene_permissions", args=[scene.pk]),
    }[of]()
    page = visit(path, User.objects.create_superuser("operator"), viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def brought(film, name) -> BroughtTimeline:
    return BroughtTimeline.objects.create(film=film, file_name=name, before={}, after={})


def asked(film, person) -> RightRequest:
    return RightRequest.objects.create(film=film, person=person, right="view_scene")
