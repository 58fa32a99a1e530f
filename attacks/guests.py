"""Attacks with a guest link: what else it opens, whether one can be guessed, how much it writes, how it ends."""

import json
import re
import secrets
from collections.abc import Callable

from attacks.browser import Browser, path_of
from attacks.result import Result
from attacks.target import Target

OWNER = "alice"
GUESSES = 200
NOTES = 60  # more than a link may write in ten minutes
JSON = {"Content-Type": "application/json"}


def _make_link(target: Target, label: str) -> tuple[str, str]:
    """Have the owner make a link to the scene. Returns its id and its address without the host."""
    body = json.dumps({"label": label, "days": 1}).encode()
    path = f"/api/scenes/{target.scene}/guest-links"
    made = json.loads(target.call("POST", path, body, target.bearer(OWNER) | JSON).body)
    return made["id"], path_of(made["url"])


def _revoke(target: Target, link: str) -> None:
    target.call("DELETE", f"/api/scenes/{target.scene}/guest-links/{link}", headers=target.bearer(OWNER))


def _put_a_clip(target: Target) -> None:
    """Give the scene a clip to note on, as a worker would. Raises NotHereError where commands cannot be run."""
    script = f"""
from scenes.models import Block
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from videogen import actions
block = Block.objects.get(pk="{target.blocks[-1]}")
actions.upload_frame(block, "start", picture_file(), block.scene.owner)
finished_video(block, block.scene.owner)
"""
    target.manage("shell", "--no-imports", "-c", script)


def guest_links_open_more(target: Target) -> Result:
    """Send a guest's cookies to everything else: pages, the API, files, the console, another link."""
    link, address = _make_link(target, "attack: more")
    other, _address = _make_link(target, "attack: other")
    browser = Browser(target)  # it sends its cookies everywhere, which no browser does
    browser.get(address)
    block = target.blocks[0]
    clip = f"/scenes/{target.scene}/blocks/{block}/clip/"
    paths = ["/", f"/scenes/{target.scene}/", f"/scenes/{target.scene}/people/", f"/scenes/{target.scene}/exports/"]
    paths += [clip, f"{clip}video/", "/tokens/", "/account/", "/review/", "/admin/", f"/guest/{other}/"]
    paths += ["/api/scenes", f"/api/scenes/{target.scene}", f"/api/scenes/{target.scene}/blocks/{block}/takes"]
    paths += [f"/api/scenes/{target.scene}/guest-links", f"/api/scenes/{target.scene}/blocks/{block}/video"]
    opened = []
    with target.measured() as measured:
        sees = browser.get(f"/guest/{link}/").status == 200
        for path in paths:
            status = browser.get(path).status
            measured.statuses[status] += 1
            opened += [path] if status == 200 else []
    held = sees and not opened and not browser.has_session
    for made in (link, other):
        _revoke(target, made)
    return measured.result("guest links open more", held, f"{opened[0]} opens" if opened else "the scene alone")


def guest_links_are_guessed(target: Target) -> Result:
    """Guess secrets, and open the page of a link that is there by its id alone."""
    link, address = _make_link(target, "attack: guess")
    secret = address.partition("=")[2]
    guesses = [secrets.token_urlsafe(32) for _ in range(GUESSES)]
    guesses += ["", link, secret[:-1], secret.swapcase(), f"{secret}=", "%00", "*"]
    opened = 0
    with target.measured() as measured:
        for guess in guesses:
            browser = Browser(target)
            browser.cookies["guest"] = guess
            for path in (f"/guest/?key={guess}", f"/guest/{link}/"):
                status = browser.get(path).status
                measured.statuses[status] += 1
                opened += status != 404
    _revoke(target, link)
    return measured.result("guest links are guessed", not opened, f"{opened} of {2 * len(guesses)} opened")


def guests_write_without_end(target: Target) -> Result:
    """Write notes with one link until somebody stops it, and once more when it is revoked."""
    link, address = _make_link(target, "attack: notes")
    browser = Browser(target)
    browser.get(address)
    path = _form(browser, link)
    if not path:
        _put_a_clip(target)
        path = _form(browser, link)
    written = 0
    with target.measured() as measured:
        for number in range(NOTES):
            status = browser.post(path, name="Mallory", frame="1", text=f"note {number}").status
            measured.statuses[status] += 1
            written += status == 302
        _revoke(target, link)
        after = browser.get(f"/guest/{link}/").status
        measured.statuses[after] += 1
    held = 0 < written < NOTES and after == 404
    return measured.result("guests write without end", held, f"{written} of {NOTES} were written, then {after}")


def _form(browser: Browser, link: str) -> str:
    """Return where the page of a guest sends a note; empty where there is no clip."""
    found = re.search(rb'action="(/guest/[^"#]+/notes/)["#]', browser.get(f"/guest/{link}/").body)
    return found[1].decode() if found else ""


ATTACKS: tuple[Callable[[Target], Result], ...] = (
    guest_links_open_more,
    guest_links_are_guessed,
    guests_write_without_end,
)
