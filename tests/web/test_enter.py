"""What Enter does in the dialog's form: the browser presses the form's first submit button."""

import pytest

from tests.fixtures.pages import HTMX, here
from tests.fixtures.people import signed_in
from videogen import actions
from videogen.models import Frame

pytestmark = pytest.mark.django_db

STEPS = ["start", "end", "video"]


def first_submit(html: str) -> str:
    """The tag of the first submit button of the clip's form, in the order of the page."""
    form = html.index('id="clip-form"')
    return html[html.rindex("<", form, html.index('type="submit"', form)) :].split(">")[0]


@pytest.mark.parametrize("step", STEPS)
def test_a_fragment_of_the_form_brings_no_button_that_enter_would_press(action, alice, start_frame, step):
    # htmx parses without scripting: what stands in a <noscript> becomes part of the form.
    client = signed_in(alice)
    names = [("clip_step_panel", step), ("clip_optimize_video",) if step == "video" else ("clip_optimize_frame", step)]
    for state in ("idle", "live"):
        for name, *args in names:
            html = client.get(here(name, action, *args), headers=HTMX).content.decode()
            assert f'data-state="{state}"' in html
            assert "formaction" not in html, f"{name}, {state}"
        if state == "idle":
            actions.queue_rewrite(action, step, "Words.", alice)
    assert 'id="clip-main"' in client.get(here("clip_step_panel", action, step), headers=HTMX).content.decode()


@pytest.mark.parametrize("step", STEPS)
def test_without_javascript_enter_in_a_field_generates(action, alice, start_frame, step):
    html = signed_in(alice).get(here(f"clip_{step}", action)).content.decode()
    first = first_submit(html)
    assert "formaction" not in first
    assert "disabled" not in first


def test_without_javascript_enter_does_nothing_where_generate_is_disabled(action, alice):
    html = signed_in(alice).get(here("clip_video", action)).content.decode()
    assert not Frame.objects.exists()
    assert "disabled" in first_submit(html)
