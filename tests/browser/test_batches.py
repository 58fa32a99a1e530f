"""Plan, run, see one fail, try again only that; and play what was made: what scripts and workers do together."""

import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from scenes.models import Block
from tests.fixtures.browser import PHONE, check_accessibility, hold, release, until
from tests.fixtures.cuts import clip_bytes, take_of
from tests.fixtures.rows import finished_video, queued_frame, video_spec
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import PATIENCE, wait_for
from videogen import actions, batches, notes, pacing
from videogen.models import Batch, Frame, Trim, Video, VoiceSample
from videogen.specs import VideoSpec
from videogen.speech import engines
from videogen.speech.loudness import RATE
from videogen.worker import voice

pytestmark = pytest.mark.django_db(transaction=True)


def test_plan_run_one_fails_and_only_that_is_tried_again(visit, kept_worker, scene, action, dialog, alice, settings):
    # Catches a batch that only works while each of its parts is looked at alone.
    for block, model in ((action, "animatic"), (dialog, "failing")):  # what is prefilled is the last of each step
        frame = queued_frame(block, alice)
        actions.cancel(frame, alice)
        actions.upload_frame(block, "start", picture_file(), alice)
        video = actions.queue_video(block, _small(model), alice)
        actions.cancel(video, alice)
    page = visit(f"/scenes/{scene.pk}/", alice)
    page.get_by_role("link", name="Make what is missing").click()
    page.get_by_role("radio", name="Clips", exact=True).check(force=True)
    expect(page.locator(".plan__row")).to_have_count(2)
    check_accessibility(page)
    page.get_by_role("checkbox", name="Block 1").uncheck()
    expect(page.locator("[data-plan-jobs]")).to_have_text("1")
    page.get_by_role("checkbox", name="Block 1").check()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-batch-words]")).to_have_text("Done, but 1 of 2 failed")
    check_accessibility(page)
    Video.objects.filter(status="failed").update(spec=_small("animatic").to_json(), model="animatic")
    page.get_by_role("button", name="Try again only what failed").click()
    expect(page.locator("[data-batch-words]")).to_have_text("All 1 done")
    assert list(Batch.objects.order_by("created_at").values_list("only", "size")) == [("missing", 2), ("failed", 1)]
    assert Video.objects.filter(is_current=True).count() == 2
    assert Frame.objects.filter(batch__isnull=False).count() == 0


def test_what_is_chosen_before_the_scripts_are_there_is_heard(visit, scene, action, alice):
    # Catches a choice that stands on the page, while what is listed and started is another.
    page = visit("/", alice)
    held = hold(page, "**/htmx-2.min.js")
    page.goto(f"/scenes/{scene.pk}/plan/", wait_until="commit")
    page.get_by_role("radio", name="Clips", exact=True).check(force=True)
    release(page, held)
    expect(page).to_have_url(re.compile("what=videos"))
    expect(page.get_by_role("radio", name="Clips", exact=True)).to_be_checked()


def test_what_was_listed_is_not_started_once_another_choice_is_on_its_way(visit, scene, action, dialog, alice):
    # Catches frames that are made for somebody who chose clips, and pressed Start before their list had come.
    actions.upload_frame(dialog, "start", picture_file(), alice)
    page = visit(f"/scenes/{scene.pk}/plan/", alice)
    start = page.get_by_role("button", name="Start")
    expect(start).to_be_enabled()
    held = hold(page, "**/plan/?**")
    page.get_by_role("radio", name="Clips", exact=True).check(force=True)
    expect(start).to_be_disabled()
    expect(page.get_by_role("checkbox", name="Block 2")).to_be_disabled()
    release(page, held)
    expect(start).to_be_enabled()
    expect(page.locator("[data-plan] [name='what']")).to_have_value("videos")


HEARD = """() => {
  window.told = [];
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (Notification.permission = "granted"); }
    constructor(title, { body }) { window.told.push(body); }
  };
  window.AudioContext = class extends AudioContext {
    constructor() { super(); window.told.push("a sound"); }
  };
}"""


def test_who_asked_for_it_is_told_that_it_is_done(visit, scene, action, alice):
    # Catches a browser that asks at load, and a batch that ends without a word in another window.
    batch = batches.start(scene, alice, what="frames", only="missing")
    page = visit(f"/batches/{batch.pk}/", alice)
    page.evaluate(HEARD)
    expect(page.get_by_role("button", name="With a sound")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("Notification.permission") == "default"
    page.get_by_role("button", name="Tell me when it is done").click()
    expect(page.get_by_text("You are told while a page of Storyreel is open")).to_be_visible()
    page.get_by_role("button", name="With a sound").click()
    assert page.evaluate("window.told") == ["a sound"]  # so that one knows it
    batches.cancel(batch, alice)
    until(page, "window.told.length === 3")
    assert page.evaluate("window.told") == ["a sound", "Stopped; 0 of 1 made", "a sound"]


def test_who_left_the_page_of_a_batch_is_told_on_another(visit, scene, action, alice):
    # Catches a word that only who waits in front of the batch hears, and one that comes again on the next page.
    batch = batches.start(scene, alice, what="frames", only="missing")
    page = visit(f"/batches/{batch.pk}/", alice)
    page.add_init_script(f"({HEARD})(); Notification.permission = 'granted';")
    page.reload()
    page.get_by_role("button", name="Tell me when it is done").click()
    page.get_by_role("link", name="To the script").click()
    expect(page).to_have_url(re.compile("/scenes/"))
    assert page.evaluate("window.told") == []
    batches.cancel(batch, alice)
    until(page, "window.told.length === 1")
    assert page.evaluate("window.told") == ["Stopped; 0 of 1 made"]
    assert page.evaluate("localStorage.getItem('storyreel-batches')") == "{}"
    page.reload()
    assert page.evaluate("window.told") == []


def _small(model: str) -> VideoSpec:
    return video_spec(model=model)


def test_a_film_is_played_by_keyboard(visit, scene, action, dialog, alice, start_frame, tmp_path, monkeypatch):
    # Catches a player that starts late, or whose keys, captions, loop or single frames do nothing.
    for held in ("ACTION_SECONDS", "SHORTEST"):
        monkeypatch.setattr(pacing, held, 60.0)  # nothing is over before it was looked at, nor is the clip
    finished_video(action, alice, clip_bytes(tmp_path, 1, frames=480))
    Block.objects.create(scene=scene, position=2, kind="action", text="Fog.")
    page = visit(f"/films/{scene.film_id}/", alice)
    begun = time.monotonic()
    page.get_by_role("button", name="Play film").click()
    until(page, "document.querySelector('.player__video').currentTime > 0")
    assert time.monotonic() - begun < PATIENCE / 4  # a second, on a machine that does nothing else
    caption, count = page.locator(".player__caption"), page.locator(".player__count")
    page.keyboard.press(".")
    until(page, "document.querySelector('.player__video').paused")
    expect(caption).to_have_text("Mara opens the door. Wind.")
    check_accessibility(page)
    at = page.evaluate("document.querySelector('.player__video').currentTime")
    page.keyboard.press(",")
    until(page, f"document.querySelector('.player__video').currentTime < {at}")
    page.keyboard.press("c")
    expect(caption).to_be_hidden()
    page.keyboard.press(" ")
    until(page, "!document.querySelector('.player__video').paused")
    page.keyboard.press("l")
    page.keyboard.press("End")
    expect(count).to_have_text("3 / 3")
    expect(page.locator(".player__card")).to_have_text("Fog.")
    page.keyboard.press("ArrowRight")  # it loops
    expect(count).to_have_text("1 / 3")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".player__card")).to_have_text("Mara: Who is out there?")
    page.keyboard.press(" ")
    page.set_viewport_size(PHONE)
    check_accessibility(page)
    page.keyboard.press("f")
    until(page, "Boolean(document.fullscreenElement)")
    page.keyboard.press("f")
    until(page, "!document.fullscreenElement")
    page.keyboard.press("Escape")
    expect(page.locator("#player")).to_be_hidden()
    expect(page.get_by_role("button", name="Play film")).to_be_focused()


def test_a_player_whose_button_was_pressed_twice_is_closed_once(visit, scene, action, alice):
    # Catches a player that a late answer opens again.
    page = visit(f"/scenes/{scene.pk}/", alice)
    player, play = page.locator("#player"), page.get_by_role("button", name="Play scene")
    held = hold(page, "**/play/", count=2)
    play.click()
    play.click()
    release(page, held, 1)
    expect(player).to_be_visible()
    page.keyboard.press("Escape")
    expect(play).to_be_focused()
    with page.expect_response("**/play/") as late:
        release(page, held, 0)
    late.value.finished()
    page.evaluate("url => fetch(url).then((answer) => answer.json())", late.value.url)  # the late one is read by then
    assert player.is_hidden()  # it would close by itself, soon


def hums(line, file):
    """An engine that any machine has: three seconds of a tone."""
    return 0.1 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE).astype(np.float32), RATE


LISTEN = """() => {
  [window.told, window.spokenAt] = [[], new Set()];
  const [note, count] = [".player__note", ".player__count"].map((part) => document.querySelector(part));
  new MutationObserver(() => window.told.push(note.textContent)).observe(note, { childList: true });
  const voices = document.querySelector("[data-player='voices']");
  new MutationObserver(() => {
    if (voices.classList.contains("is-speaking")) window.spokenAt.add(count.textContent);
  }).observe(voices, { attributeFilter: ["class"] });
}"""


def test_a_line_without_a_clip_is_heard_once_it_is_spoken(visit, scene, mara, alice, monkeypatch):
    # Catches a player that waits for voices, never hears one that comes late, or is longer than the film of an export
    # where a line is longer than thought, and one that cuts it without a word.
    own = engines.Engine("own", "The engine", frozenset({"en"}), f"{__name__}.hums")
    monkeypatch.setattr(engines, "installed", lambda: [own])
    asked: list[int] = []
    monkeypatch.setattr("web.views.play.wake_speaker", asked.append)
    words = ["No.", "Чому ти тут, діду? Скажи мені, будь ласка."]
    Block.objects.bulk_create(
        Block(scene=scene, position=place, kind="dialog", character=mara, text=text) for place, text in enumerate(words)
    )
    speaking = "document.querySelector('.player__button.is-speaking')"
    page = visit(f"/scenes/{scene.pk}/", alice)
    page.evaluate(LISTEN)
    page.locator("[data-player='loop']").dispatch_event("click")  # before it can be over
    page.get_by_role("button", name="Play scene").click()
    expect(page.locator(".player__card")).to_have_text("Mara: No.")
    wait_for(lambda: asked)
    assert not page.evaluate(f"Boolean({speaking})")
    voice.make_sample(VoiceSample.objects.get())
    until(page, f"Boolean({speaking})")
    begun = time.monotonic()
    page.keyboard.press("Home")
    until(page, "document.querySelector('.player__count').textContent === '2 / 2'")
    assert time.monotonic() - begun > 0.9  # its estimate is a second
    for words in ("speaks Ukrainian", "longer than its shot"):
        until(page, f"window.told.some((words) => words.includes('{words}'))")
    assert page.evaluate("[...window.spokenAt]") == ["1 / 2"]
    page.keyboard.press("Home")
    until(page, f"Boolean({speaking})")
    page.keyboard.press(" ")
    until(page, f"!{speaking}")
    page.keyboard.press(" ")
    until(page, f"Boolean({speaking})")
    page.keyboard.press("v")
    until(page, f"!{speaking}")
    expect(page.get_by_role("button", name="Scratch voices")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press(" ")
    check_accessibility(page)
    page.set_viewport_size(PHONE)
    name, count = (page.locator(part).bounding_box() for part in (".player__name", ".player__count"))
    assert count["width"] > 20
    assert name["x"] + name["width"] <= count["x"] <= 390 - count["width"]
    page.reload()
    expect(page.locator("[data-player='voices']")).to_have_attribute("aria-pressed", "false")
    assert asked == [VoiceSample.objects.get().pk]


KEYS_AT_ONCE = """(player, keys) => {
  for (const key of keys) player.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
}"""


def test_what_is_drawn_on_a_frame_is_over_it_while_the_player_stands_still(
    visit, scene, action, alice, tmp_path, monkeypatch
):
    # Catches a drawing over another frame or while it plays, a note that cannot be gone to, a button for no notes, and
    # a trimmed clip that is played whole, or whose rest ends the shot behind it.
    monkeypatch.setattr(pacing, "ACTION_SECONDS", 60.0)  # the player does not close before it was looked at
    actions.upload_frame(action, "start", picture_file(), alice)
    take = take_of(action, alice, tmp_path)
    Trim.objects.create(block=action, take=take, first=12, frames=9, frame_rate=24)
    Block.objects.create(scene=scene, position=2, kind="action", text="Fog.")
    page = visit(f"/scenes/{scene.pk}/", alice)
    page.get_by_role("button", name="Play scene").click()
    expect(page.locator(".player__card")).to_have_text("Fog.")  # after 9 frames, not 24
    until(page, "document.querySelector('.player__video').readyState === 0")  # the rest of it does not play on
    expect(page.locator("#player")).to_be_visible()
    expect(page.locator("[data-player='notes']")).to_be_hidden()
    page.keyboard.press("Escape")
    drawn = {"strokes": [{"color": "red", "points": [[0.25, 0.5], [0.75, 0.5]]}]}
    notes.write(take, alice, 14, "This edge.", drawn)
    notes.write(take, alice, 2, "Not seen.", drawn)
    notes.tick(notes.write(take, alice, 15, "Done.", drawn), alice, done=True)
    page.get_by_role("button", name="Play scene").click()
    expect(page.locator("[data-player='notes']")).to_be_visible()
    page.locator("#player").evaluate(KEYS_AT_ONCE, ["Home", "."])  # nine frames are over soon
    lines = page.locator(".player__drawing path")
    expect(page.locator(".player__notes li")).to_have_text(["frame 15, alice: This edge."])
    page.get_by_role("button", name="frame 15").click()
    expect(lines).to_have_count(1)
    at = page.evaluate("document.querySelector('.player__video').currentTime")
    assert at == pytest.approx(14.5 / 24, abs=0.01)
    check_accessibility(page)
    box, video = lines.bounding_box(), page.locator(".player__video").bounding_box()
    assert box["x"] + box["width"] / 2 == pytest.approx(video["x"] + video["width"] / 2, abs=3)
    page.keyboard.press(",")
    expect(lines).to_have_count(0)
    page.keyboard.press(".")
    expect(lines).to_have_count(1)
    page.keyboard.press("n")
    expect(lines).to_have_count(0)
    expect(page.locator(".player__notes")).to_be_hidden()
    page.get_by_role("button", name="Notes", exact=True).click()
    expect(lines).to_have_count(1)
    page.set_viewport_size(PHONE)
    check_accessibility(page)
    page.keyboard.press(" ")
    expect(lines).to_have_count(0)


def test_a_scene_is_played_by_who_writes_it_from_its_first_block_on(visit, scene, alice):
    # Catches a button that an attribute of the writing hides: no other test plays a scene as one who may write in it.
    page = visit(f"/scenes/{scene.pk}/", alice)
    play = page.get_by_role("button", name="Play scene")
    page.get_by_role("button", name="Begin to write").wait_for()
    expect(play).to_be_hidden()
    Block.objects.create(scene=scene, position=0, kind="action", text="Fog.")
    page.reload()
    play.click()
    expect(page.locator(".player__card")).to_have_text("Fog.")
