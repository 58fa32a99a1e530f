"""Optimize Prompt in a browser, before a real worker and a language model's server that does what the test asks."""

import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.fixtures import llm_server
from tests.fixtures.browser import PHONE, check_accessibility, clip_path
from tests.fixtures.rows import queued_frame
from tests.fixtures.stack import Stack, keep, wait_for
from videogen import actions
from videogen.models import PromptRewrite, Status, Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("stack")]

TYPED = "  she opens the door,\nwind, push in "
GOOD = "Slow push in on the doorway. The young keeper pulls the heavy door open; wind throws her raincoat back."


@pytest.fixture
def kept_worker_of_prompts(stack: Stack, server: llm_server.Server) -> Iterator[Stack]:
    """A worker that takes prompts, and asks the test's own language model: for its answer a test gives the word."""
    asked = {"PROMPT_LLM_URL": server.url, "PROMPT_LLM_MODEL": "test-model", "PROMPT_LLM_SECONDS": "60"}
    yield from keep(stack, "frames", "prompts", **asked)


@pytest.fixture
def step_3(visit, kept_worker_of_prompts, action, alice, start_frame) -> Page:
    return visit(clip_path(action, "video"), alice)


def prompt(page: Page) -> Locator:
    return page.locator("#clip_prompt")


def optimize(page: Page, typed: str = TYPED) -> None:
    prompt(page).fill(typed)
    page.locator("#clip-optimize").click()


def expect_green(page: Page) -> None:
    expect(page.locator("#clip-prompt-field")).to_have_class(re.compile("field--optimized"))
    expect(page.locator("#clip-rewrite").get_by_text("Optimized", exact=True)).to_be_visible()


def expect_not_green(page: Page) -> None:
    expect(page.locator("#clip-prompt-field")).not_to_have_class(re.compile("field--optimized"))
    expect(page.locator("#clip-rewrite").get_by_text("Optimized", exact=True)).to_be_hidden()


def expect_said(page: Page, words: str) -> None:
    expect(page.locator("#announcer")).to_contain_text(words)


def answered_at(text: str) -> tuple[llm_server.Behaviour, Callable[[], float], threading.Event]:
    """An answer that waits for the test's word, and the time it was given."""
    word, given = threading.Event(), []

    def behave(handler: llm_server.Handler) -> None:
        word.wait(60)
        handler.send(llm_server.completion(text))
        given.append(time.monotonic())

    return behave, lambda: given[0], word


def test_green_within_a_second_of_the_answer_undo_diff_and_editing(step_3, server, action):
    page = step_3
    behave, answered, word = answered_at(GOOD)
    server.behave(behave)
    optimize(page)
    expect(page.locator("#clip-rewrite").get_by_text("Optimizing the prompt")).to_be_visible()
    expect_said(page, "Optimizing the prompt")
    assert prompt(page).input_value() == TYPED
    check_accessibility(page)
    word.set()
    expect_green(page)
    seconds = time.monotonic() - answered()
    print(f"Green {seconds:.2f} s after the answer.")
    assert seconds < 5  # the machine that runs tests is busy; alone it is under one
    assert prompt(page).input_value() == GOOD
    expect_said(page, "Prompt optimized")
    expect(page.locator("#clip-rewrite").get_by_text("Language model: test-model")).to_be_visible()

    page.get_by_text("What changed").click()
    expect(page.locator(".diff ins").first).to_contain_text("Slow")
    expect(page.locator(".diff del").first).to_contain_text("she opens the door,")
    check_accessibility(page)

    page.locator("#clip-undo").click()
    assert prompt(page).input_value() == TYPED
    expect_not_green(page)
    expect_said(page, "as you typed it")
    assert page.evaluate("document.activeElement.id") == "clip_prompt"

    page.get_by_role("button", name="Use optimized").click()
    expect_green(page)
    prompt(page).press("End")
    prompt(page).type(" Rain.")
    expect_not_green(page)
    expect_said(page, "Edited")
    check_accessibility(page)
    page.get_by_role("button", name="Undo").click()
    assert prompt(page).input_value() == TYPED


def test_it_all_works_by_keyboard_and_the_focus_is_never_lost(step_3, server):
    page = step_3
    behave, _, word = answered_at(GOOD)
    server.behave(behave)
    prompt(page).fill(TYPED)
    page.locator("#clip-optimize").press("Enter")
    expect(page.locator("#clip-optimize-stop")).to_be_focused()
    word.set()
    expect(page.locator("#clip-undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(prompt(page)).to_be_focused()
    assert prompt(page).input_value() == TYPED


def test_stop_leaves_the_text_and_brings_the_button_back(step_3, server):
    page = step_3
    server.behave(llm_server.hangs)
    optimize(page)
    expect(page.locator("#clip-rewrite").get_by_text("Optimizing the prompt")).to_be_visible()
    page.locator("#clip-optimize-stop").click()
    expect(page.locator("#clip-optimize")).to_be_visible()
    assert prompt(page).input_value() == TYPED
    assert PromptRewrite.objects.get().status == Status.CANCELLED


def test_a_text_edited_while_it_is_optimized_is_not_overwritten(step_3, server):
    page = step_3
    behave, _, word = answered_at(GOOD)
    server.behave(behave)
    optimize(page)
    expect(page.locator("#clip-rewrite").get_by_text("Optimizing the prompt")).to_be_visible()
    prompt(page).fill("something else altogether")
    word.set()
    expect(page.get_by_role("button", name="Use optimized")).to_be_visible()
    assert prompt(page).input_value() == "something else altogether"
    expect_not_green(page)
    page.get_by_role("button", name="Use optimized").click()
    expect_green(page)


def test_a_reload_finds_the_running_rewrite_and_its_text_arrives(step_3, server):
    page = step_3
    behave, _, word = answered_at(GOOD)
    server.behave(behave)
    optimize(page)
    expect(page.locator("#clip-rewrite").get_by_text("Optimizing the prompt")).to_be_visible()
    page.reload()
    expect(page.locator("#clip-optimize-stop")).to_be_visible()
    assert prompt(page).input_value() == TYPED
    word.set()
    expect_green(page)
    page.reload()
    expect_green(page)
    page.locator("#clip-undo").click()
    assert prompt(page).input_value() == TYPED


def test_a_server_that_is_down_is_a_sentence_under_the_field_and_generate_still_works(step_3, server, settings, action):
    page = step_3
    server.behave(llm_server.fails(503))
    optimize(page)
    expect(page.locator("#clip-optimize-error")).to_contain_text("Your text is unchanged")
    assert prompt(page).input_value() == TYPED
    expect_not_green(page)
    expect_said(page, "Your text is unchanged")
    check_accessibility(page)
    page.locator("#clip-main").click()
    wait_for(lambda: Video.objects.filter(block=action).exists())
    assert Video.objects.get().prompt == TYPED.strip()
    assert Video.objects.get().rewrite == {}


def test_hostile_answers_do_nothing_but_say_that_they_were_refused(step_3, server):
    page = step_3
    server.behave(llm_server.says("<img src=x onerror=\"document.title='owned'\"> The keeper opens the door."))
    optimize(page)
    expect(page.locator("#clip-optimize-error")).to_contain_text("markup")
    server.behave(llm_server.says("Push in. The keeper says “<b>owned</b>”."))
    optimize(page)
    expect(page.locator("#clip-optimize-error")).to_contain_text("markup")
    assert page.locator("#clip-rewrite img, #clip-rewrite b").count() == 0
    assert page.title() != "owned"


def test_the_take_made_from_the_green_text_remembers_both(step_3, server, action):
    page = step_3
    server.behave(llm_server.says(GOOD))
    optimize(page)
    expect_green(page)
    page.locator("#clip-main").click()
    video = wait_for(lambda: Video.objects.filter(block=action).first())
    assert (video.rewrite["typed"], video.rewrite["optimized"]) == (TYPED, GOOD)
    assert (video.rewrite["used"], video.rewrite["model"]) == ("optimized", "test-model")


@pytest.mark.parametrize("step", ["start", "end"])
def test_the_frames_have_it_too_on_a_phone(visit, kept_worker_of_prompts, server, action, alice, start_frame, step):
    page = visit(clip_path(action, step), alice, viewport=PHONE)
    server.behave(
        llm_server.says("A young keeper in a yellow raincoat stands in the open door of a lighthouse at dusk.")
    )
    optimize(page, "she stands in the door")
    expect_green(page)
    check_accessibility(page)


def test_without_a_language_model_the_structured_prompt_says_what_it_is(visit, stack, action, alice, start_frame):
    stack.worker("frames", "prompts")
    page = visit(clip_path(action, "video"), alice)
    optimize(page, "she opens the door, wind, push in")
    expect_green(page)
    expect(
        page.locator("#clip-rewrite").get_by_text("By fixed rules: camera, looks and sounds in their places")
    ).to_be_visible()
    assert prompt(page).input_value() == "Push in. The young keeper opens the door. Sound: wind."


def test_a_rewrite_runs_on_the_worker_that_makes_frames(kept_worker_of_prompts, server, action, alice):
    server.behave(llm_server.says(GOOD))
    frame, row = queued_frame(action, alice), actions.queue_rewrite(action, "video", "she opens the door", alice)
    wait_for(lambda: PromptRewrite.objects.get(pk=row.pk).status == Status.SUCCEEDED)
    frame.refresh_from_db()
    wait_for(lambda: type(frame).objects.get(pk=frame.pk).status == Status.SUCCEEDED)
