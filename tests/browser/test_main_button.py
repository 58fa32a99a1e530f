"""The one place where Generate becomes Stop and Stop becomes Generate: a press meant for one is none of the other."""

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import clip_path
from tests.fixtures.rows import queued_frame
from videogen.models import Frame, Status

pytestmark = pytest.mark.django_db(transaction=True)

# A person's second press, as soon as the other button stands there, and what comes of it. (Playwright's own clicks wait
# for a button that can be pressed.)
PRESS_TWICE = """words => new Promise((done) => {
  const button = () => document.getElementById("clip-main");
  const again = new MutationObserver(() => {
    if (!button()?.textContent.includes(words)) return;
    again.disconnect();
    button().click();
    const look = setInterval(() => {
      if (document.querySelector(".htmx-request")) return;
      clearInterval(look);
      done();
    }, 40);
  });
  again.observe(document.body, { childList: true, subtree: true });
  button().click();
})"""


def press_twice(page: Page, then_says: str) -> None:
    page.evaluate(PRESS_TWICE, then_says)


def test_a_press_within_a_second_of_the_end_starts_nothing(visit, action, alice):
    queued_frame(action, alice)
    page = visit(clip_path(action, "start"), alice)
    press_twice(page, "Generate")
    assert list(Frame.objects.values_list("status", flat=True)) == [Status.CANCELLED]
    page.locator("#clip-main").click()  # waits until it can be pressed
    expect(page.locator("#clip-main")).to_contain_text("Stop")
    assert Frame.objects.filter(status=Status.QUEUED).count() == 1


def test_the_second_press_on_generate_does_not_stop_what_the_first_began(visit, action, alice):
    page = visit(clip_path(action, "start"), alice)
    press_twice(page, "Stop")
    assert list(Frame.objects.values_list("status", flat=True)) == [Status.QUEUED]
