"""Takes the pictures in docs/images of a running installation with the demo scene.

Run beside `make run`: .venv/bin/python -m docs.screenshots SIGN_IN_LINK TOKEN
It makes the frames and clips the pictures show through the API, as a program would.
"""

import io
import json
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
        client.make(scene, "video", {"blockId": block, "prompt": move, "duration": 4}, f"{path}/video")
    block = blocks[5]["id"]
    client.make(scene, "frame", {"blockId": block, "role": "start"}, f"/scenes/{scene}/blocks/{block}/frames/start")
    return f"/scenes/{scene}/", f"/scenes/{scene}/blocks/{blocks[HERO]['id']}/clip/"


def library(client: Client) -> dict[str, str]:
    """The paths of the film's shelves, of one character and location, and of who may do what."""
    film = client.call("GET", "/films")["items"][0]["id"]
    items = {kind: client.call("GET", f"/films/{film}/{kind}")[0]["id"] for kind in ("characters", "locations")}
    return {
        "cast": f"/films/{film}/cast/",
        "locations": f"/films/{film}/locations/",
        "character": f"/films/{film}/cast/{items['characters']}/",
        "location": f"/films/{film}/locations/{items['locations']}/",
        "people": f"/films/{film}/people/",
    }


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


def shoot_player(page: Page, scene: str, name: str) -> None:
    """Keep a picture of the second clip, played and paused, with its caption."""
    page.goto(scene)
    page.get_by_role("button", name="Play scene").click()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    page.keyboard.press(" ")
    shoot(page, name)


def shoot_all(browser: Browser, link: str, paths: dict[str, str]) -> None:
    """Every page at both widths in both themes."""
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
            shoot_player(page, paths["scene"], f"play-{width}-{theme}")
            context.close()


def main() -> None:
    link, token = sys.argv[1:]
    FOLDER.mkdir(exist_ok=True)
    client = Client("{0.scheme}://{0.netloc}".format(urlsplit(link)), token)
    scene, clip = prepare(client)
    paths = {"scene": scene} | {step: f"{clip}{step}/" for step in ("start", "end", "video")}
    paths |= library(client) | planning(client)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        shoot_all(browser, link, paths)
        browser.close()


if __name__ == "__main__":
    main()
