"""The dialog on the narrowest phone."""

import pytest

from tests.fixtures.browser import clip_path
from tests.fixtures.scene import picture_file
from videogen import actions

pytestmark = pytest.mark.django_db(transaction=True)

# How far the words and icons of each visible button are from its left and right edge, in pixels; the least of all.
LEAST_ROOM = """() => Math.min(...[...document.querySelectorAll("#clip-panel .button")]
  .filter((button) => button.checkVisibility() && !button.matches(".clip-dialog__back")) // its words are for the ear
  .flatMap((button) => {
    const inside = document.createRange();
    inside.selectNodeContents(button);
    const [words, edge] = [inside.getBoundingClientRect(), button.getBoundingClientRect()];
    return [words.left - edge.left, edge.right - words.right];
  }))"""


def test_at_360_pixels_no_button_touches_the_edge(visit, action, alice, start_frame):
    actions.upload_frame(action, "end", picture_file(), alice)
    page = visit(clip_path(action, "end"), alice, viewport={"width": 360, "height": 780})
    assert page.evaluate(LEAST_ROOM) >= 8
    assert page.evaluate("document.getElementById('clip-dialog').scrollWidth <= innerWidth")
