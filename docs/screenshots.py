"""Takes the pictures in docs/images of a running installation with the demo scene.

Run beside `make run`: .venv/bin/python -m docs.screenshots SIGN_IN_LINK TOKEN
It makes the frames and clips the pictures show through the API, as a program would.
"""

import io
import json
import re
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium

FOLDER = Path(__file__).parent / "images"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
HERO = 3  # the block whose steps are shown, counted from 0; the demo brings clips of the first two
REWORDED = {
    "the last time somebody lights it by hand.": "the last night somebody lights it by hand.\n\n@Mara\nThe very last.",
    "A switch never oversleeps.": "A switch never oversleeps, and it never looks up.",
    "Forty years I lit that lamp": "Forty-one years I lit that lamp",
    "@Wren\nIt had to be": "@Wreen\nIt had to be",
}
GIVEN = [
    {"user": "bob", "rights": ["view_film", "change_film"]},
    {"user": "charlie", "rights": ["view_film", "scene_block:frame:generate", "scene_block:video:generate"]},
]
MOVES = {2: "Pan right.", 3: "Push in.", 4: "Tilt up."}


class Client:
    """The few calls of the API that are needed."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token

    def call(self, method: str, path: str, body: object = None) -> dict:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        with urlopen(Request(f"{self.base}/api{path}", data, headers, method=method)) as answer:
            return json.load(answer)

    def read(self, path: str) -> str:
        """Fetch a text."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with urlopen(Request(f"{self.base}/api{path}", headers=headers)) as answer:
            return answer.read().decode()

    def make(self, scene: str, kind: str, body: dict, watch: str) -> None:
        """Ask for something unless it is there, and wait until it is."""
        try:
            state = self.call("GET", watch)
        except HTTPError as error:
            if error.code != 404:
                raise
            state = self.call("POST", f"/scenes/{scene}/blocks/{kind}", body)
        while state["status"] in ("queued", "running"):
            time.sleep(0.5)
            state = self.call("GET", watch)


def prepare(client: Client) -> tuple[str, str]:
    """Frames and clips on some blocks of the demo scene; returns the paths of the scene and of one clip."""
    scenes = client.call("GET", "/scenes")
    scene = next(item for item in scenes["items"] if "Last" in item["title"])["id"]
    blocks = client.call("GET", f"/scenes/{scene}")["blocks"]
    for index, move in MOVES.items():
        block = blocks[index]["id"]
        path = f"/scenes/{scene}/blocks/{block}"
        client.make(scene, "frame", {"blockId": block, "role": "start"}, f"{path}/frames/start")
        if index == HERO:
            client.make(scene, "frame", {"blockId": block, "role": "end"}, f"{path}/frames/end")
        client.make(scene, "video", {"blockId": block, "prompt": move}, f"{path}/video")
    block = blocks[5]["id"]
    client.make(scene, "frame", {"blockId": block, "role": "start"}, f"/scenes/{scene}/blocks/{block}/frames/start")
    return f"/scenes/{scene}/", f"/scenes/{scene}/blocks/{blocks[HERO]['id']}/clip/"


def film_pages(client: Client) -> dict[str, str]:
    """The paths of the films, of the demo's film, its cast, one of its locations, and who may do what.

    Two people get rights on the film, and the location its ground line, so that there is something to see.
    """
    films = client.call("GET", "/films")["items"]
    film = next(found["id"] for found in films if "Gull Rock" in found["title"])
    location = client.call("GET", f"/films/{film}/locations")[-1]["id"]
    client.call("PATCH", f"/films/{film}/locations/{location}", {"groundLine": 0.93})
    client.call("PUT", f"/films/{film}/people", {"direct": GIVEN})
    return {
        "films": "/",
        "film": f"/films/{film}/",
        "cast": f"/films/{film}/cast/",
        "location": f"/films/{film}/locations/{location}/",
        "people": f"/films/{film}/people/",
    }


def revised(script: str) -> str:
    """The demo's script as a writer might send it a week later: another order, other words, a name misspelt."""
    head, first, second = re.split(r"(?=^### )", script, flags=re.MULTILINE)
    for old, new in REWORDED.items():
        if old not in first + second:
            raise ValueError(f"The demo's script does not say “{old}” any more.")
        first, second = first.replace(old, new), second.replace(old, new)
    return f"{head}{second.strip()}\n\n{first.strip()}\n"


def planning(client: Client) -> dict[str, str]:
    """The paths of a plan, and of a batch of frames of the other scene that wait to be looked at."""
    scenes = client.call("GET", "/scenes")["items"]
    scene = next(item for item in scenes if "Last" not in item["title"])["id"]
    batch = client.call("POST", f"/scenes/{scene}/generate", {"what": "frames", "only": "missing"})
    while not batch["finished"]:
        time.sleep(0.5)
        batch = client.call("GET", f"/batches/{batch['id']}")
    return {"plan": f"/scenes/{scene}/plan/?what=videos", "batch": f"/batches/{batch['id']}/"}


def shoot(page: Page, name: str) -> None:
    """Keep a picture of what the window shows."""
    page.wait_for_load_state("networkidle")
    if "/clip/" in page.url:
        page.locator("dialog[open]").wait_for()
    page.wait_for_function("[...document.images].every(image => image.complete || image.loading === 'lazy')")
    page.wait_for_timeout(1500)  # a player shows that it loads for a moment
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=86, method=6)


def shoot_writing(page: Page, scene: str, name: str) -> None:
    """Keep a picture of the script with the caret in a block."""
    page.goto(scene)
    text = page.get_by_label("Text of block 2", exact=True)
    text.scroll_into_view_if_needed()
    text.click()
    shoot(page, name)


def shoot_revision(page: Page, film: str, script: str, name: str) -> None:
    """Keep a picture of what a revised script would change, and change nothing."""
    page.goto(f"{film}screenplay/")
    file = {"name": "gull-rock-2.fountain", "mimeType": "text/plain", "buffer": script.encode()}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Apply").wait_for()
    page.mouse.move(0, 0)
    shoot(page, name)
    page.get_by_role("button", name="Cancel").click()


def shoot_player(page: Page, scene: str, name: str) -> None:
    """Keep a picture of the second clip, played and paused, with its caption."""
    page.goto(scene)
    page.get_by_role("button", name="Play scene").click()
    page.get_by_text("1 / 6").wait_for()  # before, a key finds nothing to go on to
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    page.keyboard.press(" ")
    shoot(page, name)


def shoot_all(browser: Browser, link: str, paths: dict[str, str], script: str) -> None:
    """Every page at both widths in both themes. script: the revised one of the film."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    visitor = browser.new_context()
    door = visitor.new_page()
    door.goto(link)
    door.get_by_role("button").click()
    state = visitor.storage_state()
    for width, viewport in SIZES.items():
        for theme in ("dark", "light"):
            context = browser.new_context(
                viewport=viewport, color_scheme=theme, storage_state=state, base_url=base, reduced_motion="reduce"
            )
            page = context.new_page()
            for name, path in paths.items():
                page.goto(path)
                shoot(page, f"{name}-{width}-{theme}")
            shoot_writing(page, paths["scene"], f"writing-{width}-{theme}")
            shoot_revision(page, paths["film"], script, f"revision-{width}-{theme}")
            shoot_player(page, paths["scene"], f"play-{width}-{theme}")
            context.close()


def main() -> None:
    link, token = sys.argv[1:]
    FOLDER.mkdir(exist_ok=True)
    client = Client("{0.scheme}://{0.netloc}".format(urlsplit(link)), token)
    scene, clip = prepare(client)
    paths = {"scene": scene} | {step: f"{clip}{step}/" for step in ("start", "end", "video")} | film_pages(client)
    paths |= planning(client)
    script = revised(client.read(f"{paths['film'].removesuffix('/')}/screenplay.fountain"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        shoot_all(browser, link, paths, script)
        browser.close()


if __name__ == "__main__":
    main()
