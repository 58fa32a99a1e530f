"""HTML that is kept: what it is kept for, and for how long."""

import pytest
from django.urls import set_script_prefix
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from web.drawings import Drawings


@pytest.fixture
def drawings() -> Drawings:
    return Drawings(most=2)


def drawn(drawings: Drawings, key: str) -> SafeString:
    return drawings.get(key, lambda: mark_safe(f"<i>{key}</i>"))


def test_another_language_is_drawn_anew(drawings):
    # Catches words of one person's language on the page of another.
    first = drawn(drawings, "a")
    with translation.override("de"):
        assert drawn(drawings, "a") is not first
    assert drawn(drawings, "a") is first


def test_another_prefix_of_the_site_is_drawn_anew(drawings):
    # Catches addresses without the prefix that a proxy gave the site.
    first = drawn(drawings, "a")
    set_script_prefix("/studio/")
    try:
        assert drawn(drawings, "a") is not first
    finally:
        set_script_prefix("/")


def test_what_was_not_asked_for_longest_goes_first(drawings):
    # Catches memory that grows with every page, and one that forgets what all ask for.
    first, second = drawn(drawings, "a"), drawn(drawings, "b")
    assert drawn(drawings, "a") is first
    drawn(drawings, "c")
    assert drawn(drawings, "a") is first
    assert drawn(drawings, "b") is not second


def test_nothing_is_kept_while_templates_are_edited(drawings, settings):
    # Catches a template that was changed and looks as before.
    settings.DEBUG = True
    assert drawn(drawings, "a") is not drawn(drawings, "a")
