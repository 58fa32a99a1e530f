"""A real browser before a real server, with a real worker behind it."""

import os
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scenes.models import Block
from tests import chromium
from tests.conftest import signed_in
from tests.stack import PATIENCE, Stack

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="module")  # Playwright's event loop must be gone before tests that start one of their own
def browser() -> Iterator[Browser]:
    program = chromium.find()
    if program is None:
        pytest.skip("There is no Chromium here; python -m tests.chromium installs one.")
    # Playwright keeps an event loop in this thread, and Django takes every loop for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """Somebody at a browser. Whatever the page's scripts complain of fails the test."""

    def __init__(self, browser: Browser, base: str) -> None:
        self._browser, self._base = browser, base
        self.complaints: list[str] = []
        self.contexts = []

    def open(self, path: str, user: User | None = None, **options) -> Page:
        """A new window at `path`, signed in as `user`."""
        context = self._browser.new_context(
            base_url=self._base, reduced_motion="reduce", **{"viewport": WIDE} | options
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        if user:
            name = django_settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": signed_in(user).cookies[name].value, "url": self._base}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        page.goto(path)
        return page

    def _note(self, kind: str, words: str) -> None:
        if kind == "error" and "Failed to load resource" not in words:
            self.complaints.append(words)


@pytest.fixture
def visit(transactional_db, browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    visitor = Visitor(browser, live_server.url)
    yield visitor.open
    for context in visitor.contexts:
        context.close()
    assert visitor.complaints == []


@pytest.fixture
def worker(stack: Stack) -> Stack:
    """One worker for frames and clips."""
    stack.worker("frames", "videos")
    return stack


def clip_path(block: Block, step: str) -> str:
    """The deep link of a step."""
    return f"/scenes/{block.scene_id}/blocks/{block.pk}/clip/{step}/"


def until(page: Page, truth: str) -> None:
    """Wait until a JavaScript expression is true. (Playwright's own way needs eval, which the page forbids.)"""
    for _ in range(int(PATIENCE * 10)):
        if page.evaluate(truth):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{truth} did not come true within {PATIENCE} s.")


def check_accessibility(page: Page) -> None:
    """axe-core finds nothing to complain of in what is shown now."""
    until(page, "!document.querySelector('.htmx-settling, .htmx-swapping') && !document.getAnimations().length")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
