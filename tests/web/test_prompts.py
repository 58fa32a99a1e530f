"""Optimize Prompt through the client: asking, waiting, stopping, and what every answer shows."""

import re

import pytest
from django.template.loader import get_template, render_to_string
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.pages import VIDEO, here, look
from tests.fixtures.people import signed_in
from videogen import actions
from videogen.models import PromptRewrite, Status
from videogen.prompts import difference
from web.dialog import VideoStep
from web.rewrite_state import RewriteState

TYPED = "  she opens the door,\n wind  "
RESULT = "Push in. The young keeper opens the door. Sound: wind."


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


def htmx(client: Client, method: str, url: str, data: dict | None = None):
    return getattr(client, method)(url, data or {}, headers={"HX-Request": "true"})


def optimize(client: Client, block, step: str = "video", prompt: str = TYPED, **data):
    name = "clip_optimize_video" if step == "video" else "clip_optimize_frame"
    url = here(name, block) if step == "video" else here(name, block, step)
    return htmx(client, "post", url, {"prompt": prompt, **data})


def poll(client: Client, block, seen: str = ""):
    return htmx(client, "get", f"{here('clip_optimize_video', block)}?seen={seen}")


def finish(row: PromptRewrite, result: str = RESULT) -> PromptRewrite:
    assert row.claim("worker-1")
    assert row.finish(result=result, version="composer-1")
    row.refresh_from_db()
    return row


def fail(row: PromptRewrite, code: str, **details) -> None:
    assert row.claim("worker-1")
    assert row.fail(code, details)


def box(response) -> dict[str, str]:
    """The attributes of the fragment."""
    return look(response).ids["clip-rewrite"]


def test_each_state_has_a_template_of_its_own():
    states = {
        "idle": RewriteState(None),
        "live": RewriteState(PromptRewrite(status=Status.QUEUED)),
        "ready": RewriteState(PromptRewrite(status=Status.SUCCEEDED)),
        "same": RewriteState(PromptRewrite(status=Status.SUCCEEDED, typed="Rain.", result="Rain.")),
        "failed": RewriteState(PromptRewrite(status=Status.QUEUED), error="Prompt is empty."),
    }
    for key, state in states.items():
        assert state.key == key
        get_template(state.template_name)
    assert len({state.template_name for state in states.values()}) == len(states)


def test_a_press_asks_for_a_rewrite_and_shows_that_it_is_waited_for(browser, action, alice):
    response = optimize(browser, action)
    row = PromptRewrite.objects.get()
    assert (row.status, row.typed, row.dialog_step, row.requested_by) == (Status.QUEUED, TYPED, "video", alice)
    assert box(response)["data-state"] == "live"
    assert box(response)["hx-trigger"] == "every 500ms"
    assert "Waiting" in look(response).text


def test_line_ends_are_the_only_thing_that_changes_about_what_was_typed(browser, action):
    optimize(browser, action, prompt=TYPED.replace("\n", "\r\n"))
    assert PromptRewrite.objects.get().typed == TYPED


def test_the_chips_of_a_frame_go_along(browser, action, mara):
    optimize(browser, action, "end", character_ids=[str(mara.pk)])
    row = PromptRewrite.objects.get()
    assert row.dialog_step == "end"
    assert row.shown == {"character_ids": [str(mara.pk)], "include_location": False}


def test_of_the_characters_that_are_sent_only_those_of_the_scene_are_kept(browser, action, mara):
    junk = ["\x00", "x" * 5000, "6f41d8b9-3872-4a16-9cd6-ee0b6deee976"]
    assert optimize(browser, action, "start", character_ids=[*junk, str(mara.pk)]).status_code == 200
    assert PromptRewrite.objects.get().shown["character_ids"] == [str(mara.pk)]


def test_a_second_press_shows_the_first_ones_rewrite(browser, action):
    optimize(browser, action)
    assert box(optimize(browser, action))["data-state"] == "live"
    assert PromptRewrite.objects.count() == 1


@pytest.mark.parametrize(
    ("prompt", "words"), [(" \n", "is empty"), ("x" * 4001, "4001 were given"), ("a\x00b", "U+0000")]
)
def test_a_text_no_prompt_may_be_is_refused_in_place(browser, action, prompt, words):
    response = optimize(browser, action, prompt=prompt)
    assert response.status_code == 200
    assert box(response)["data-state"] == "failed"
    assert words in look(response).text
    assert PromptRewrite.objects.count() == 0


def test_a_poll_without_news_has_no_content_and_one_with_news_has_the_fragment(browser, action):
    seen = box(optimize(browser, action))["hx-get"].partition("seen=")[2]
    assert poll(browser, action, seen).status_code == 204
    finish(PromptRewrite.objects.get())
    answer = box(poll(browser, action, seen))
    assert (answer["data-state"], answer["data-typed"], answer["data-result"]) == ("ready", TYPED, RESULT)
    assert "data-fresh" in answer
    assert "hx-trigger" not in answer


def test_a_finished_rewrite_shows_who_wrote_it_and_what_changed(browser, action):
    optimize(browser, action)
    finish(PromptRewrite.objects.get())
    html = poll(browser, action).content.decode()
    assert "By fixed rules: camera, looks and sounds in their places" in html
    assert '<ins><span class="visually-hidden">added: </span>Push in. The young keeper</ins>' in " ".join(html.split())
    assert "<del>" in html


def test_an_unchanged_text_is_nothing_to_improve_and_not_green(browser, action):
    optimize(browser, action, prompt=f"  {RESULT}")
    finish(PromptRewrite.objects.get())
    answer = poll(browser, action)
    fragment = box(answer)
    assert fragment["data-state"] == "same"
    assert "Nothing to improve" in (fragment["data-words"] or "")
    assert "data-result" not in fragment  # what the script compares the field with, to turn it green
    assert "Nothing to improve" in look(answer).text
    assert "Optimized" not in look(answer).text
    page = look(browser.get(here("clip_video", action)))
    assert "Nothing to improve" in page.text
    assert "field--optimized" not in (page.ids["clip-prompt-field"]["class"] or "")


def test_nothing_to_improve_is_not_said_of_another_text(browser, action):
    optimize(browser, action, prompt=RESULT)
    finish(PromptRewrite.objects.get())
    sent = VIDEO | {"prompt": "Another text.", "seed": "x"}
    page = look(browser.post(here("clip_video", action), sent))
    assert "Nothing to improve" not in page.text
    assert page.ids["clip-rewrite"]["data-state"] == "idle"


def test_a_language_model_is_named(browser, settings, action):
    settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = "http://llm.example/v1", "qwen3:8b"
    page = look(browser.get(here("clip_video", action)))
    assert "Language model: qwen3:8b" in page.text
    assert "llm.example" not in page.text


def test_a_failure_says_why_and_leaves_the_typed_text_in_the_form(browser, action):
    optimize(browser, action)
    fail(PromptRewrite.objects.get(), "rewrite_lost_line", line="<b>Who</b>")
    response = poll(browser, action)
    assert box(response)["data-state"] == "failed"
    assert "lost or changed the spoken line “<b>Who</b>”" in look(response).text
    assert "<b>Who" not in response.content.decode()
    page = look(browser.get(here("clip_video", action)))
    assert page.value("prompt").strip() == TYPED.strip()
    assert "lost or changed" in page.text


def test_a_stop_ends_it_and_nothing_is_left_to_say(browser, action):
    optimize(browser, action)
    answer = htmx(browser, "post", here("clip_cancel_rewrite_video", action))
    assert box(answer)["data-state"] == "idle"
    assert PromptRewrite.objects.get().status == Status.CANCELLED


def test_after_a_reload_the_live_rewrite_is_found_and_later_its_text_is_in_the_green_field(browser, action):
    optimize(browser, action)
    assert box(browser.get(here("clip_video", action)))["data-state"] == "live"
    finish(PromptRewrite.objects.get())
    page = look(browser.get(here("clip_video", action)))
    assert page.value("prompt") == RESULT
    assert "field--optimized" in page.ids["clip-prompt-field"]["class"]
    assert "data-fresh" not in page.ids["clip-rewrite"]


def test_without_a_script_the_whole_form_comes_back_with_everything_typed(browser, action):
    settings = {"prompt": "she waves", "duration": "7", "negative_prompt": "rain", "size": "768x512"}
    page = look(browser.post(here("clip_optimize_video", action), settings))
    assert (page.value("prompt"), page.value("duration"), page.value("negative_prompt")) == ("she waves", "7", "rain")
    assert page.ids["clip-rewrite"]["data-state"] == "live"


@pytest.mark.parametrize("step", ["start", "end", "video"])
def test_all_three_steps_have_the_button(browser, action, start_frame, step):
    page = look(browser.get(here(f"clip_{step}", action)))
    assert "Optimize Prompt" in page.text
    assert not page.is_disabled("clip-optimize")


def test_who_may_only_look_sees_the_button_disabled_and_is_refused_on_the_wire(bob, charlie, action):
    bobs, charlies = signed_in(bob), signed_in(charlie)
    assert look(bobs.get(here("clip_video", action))).is_disabled("clip-optimize")
    for step in ("video", "start"):
        assert optimize(bobs, action, step).status_code == 403
        assert optimize(charlies, action, step).status_code == 404
    assert poll(bobs, action).status_code == 200
    assert poll(charlies, action).status_code == 404
    assert htmx(bobs, "post", here("clip_cancel_rewrite_video", action)).status_code == 403
    assert PromptRewrite.objects.count() == 0


def test_a_right_taken_away_while_waiting_is_refused_when_the_work_begins(action, bob, alice):
    row = actions.queue_rewrite(action, "video", "she waves", bob)
    assert row.right == "scene_block:video:generate"
    assert actions.queue_rewrite(action, "start", "she waves", alice).right == "scene_block:frame:generate"


# --- What is kept with a picture or clip ----------------------------------------------------------------------------


def take_made_from(prompt: str, action, alice):
    from tests.fixtures.rows import queued_video

    video = queued_video(action, alice, prompt=prompt)
    video.cancel(alice)
    return video.rewrite


def test_a_clip_remembers_both_texts_the_optimizer_and_which_text_it_was_made_from(action, alice, start_frame):
    row = finish(actions.queue_rewrite(action, "video", TYPED, alice))
    kept = take_made_from(RESULT, action, alice)
    assert kept == {
        "typed": TYPED,
        "optimized": RESULT,
        "optimizer": "composer",
        "model": "",
        "version": "composer-1",
        "used": "optimized",
    }
    row.delete()
    assert take_made_from(RESULT, action, alice) == {}


def test_after_undo_the_typed_text_was_used_and_after_an_edit_neither(action, alice, start_frame):
    finish(actions.queue_rewrite(action, "video", TYPED, alice))
    assert take_made_from(TYPED.strip(), action, alice)["used"] == "typed"
    assert take_made_from("Something else.", action, alice) == {}


def test_a_rewrite_of_another_step_has_no_part_in_a_clip(action, alice, start_frame):
    finish(actions.queue_rewrite(action, "start", TYPED, alice))
    assert take_made_from(RESULT, action, alice) == {}


# --- Whatever comes back, the page stays safe -----------------------------------------------------------------------


@pytest.mark.django_db
@given(hostile=st.text(min_size=1, max_size=200).filter(lambda text: text.strip() and "\x00" not in text))
def test_hostile_texts_are_shown_as_text(hostile):
    from scenes.models import Block

    row = PromptRewrite(status=Status.SUCCEEDED, typed=f"<img src=x onerror=1>{hostile}", optimizer="llm",
                        result=f'"><script>alert(1)</script>{hostile}', model="<i>m</i>")  # fmt: skip
    block = Block(scene_id="5b0a7c1e-0000-4000-8000-000000000000")
    state = RewriteState(row, fresh=True)
    html = render_to_string(state.template_name, {"here": VideoStep(block), "rewrite": state, "may": True})
    assert "<script" not in html
    assert "<img" not in html
    assert "<i>m" not in html


@given(st.text(max_size=400), st.text(max_size=400))
def test_the_words_of_a_diff_are_the_words_of_both_texts(before, after):
    found = difference.parts(before, after)
    assert " ".join(part.text for part in found if part.kind != "removed").split() == after.split()
    old = " ".join(part.text for part in found if part.kind != "added").casefold().split()
    assert old == before.casefold().split()


def test_without_javascript_a_live_rewrite_has_one_stop_button(browser, action, alice):
    """Each of the two is shown where the other is not: the script's by its class, the plain one by its element."""
    actions.queue_rewrite(action, "video", TYPED, alice)
    page = look(browser.get(here("clip_video", action)))
    box = page.html[page.html.index('id="clip-rewrite"') :]
    box = re.sub(r"<noscript>.*?</noscript>", "", box[: box.index("</form>")], flags=re.DOTALL)
    shown = [button for button in re.findall(r"<button[^>]*>", box) if "js-only" not in button]
    assert [button for button in shown if "optimize" in button or "rewrite" in button] == []
