"""Takes the pictures in docs/images of a fresh installation with the demo.

Run beside `make run`: .venv/bin/python -m docs.screenshots SIGN_IN_LINK TOKEN
It makes the frames, clips and exports that the pictures show through the API, as a program would; some ten minutes.
"""

import sys
from urllib.parse import urlsplit

from playwright.sync_api import Page

from docs.screenshots import camera, demo, shoot
from docs.screenshots.camera import Camera
from docs.screenshots.client import Client
from docs.screenshots.shoot import Scene


def write(page: Page, scene: str) -> None:
    """Put the caret into a block of the script."""
    page.goto(scene)
    text = page.get_by_label("Text of block 2", exact=True)
    text.scroll_into_view_if_needed()
    text.click()


def bring(page: Page, path: str, name: str, content: bytes) -> None:
    """Bring a file to look at what it would change."""
    page.goto(path)
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "text/plain", "buffer": content}])
    page.get_by_role("button", name="Apply").wait_for()
    page.mouse.move(0, 0)


def play(page: Page, scene: str) -> None:
    """Play to a line that is spoken, and pause there: the caption says who speaks."""
    page.goto(scene)
    page.get_by_role("button", name="Play scene").click()
    page.get_by_text("1 / 6").wait_for()  # before, a key finds nothing to go on to
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.get_by_text("3 / 6").wait_for()
    page.wait_for_timeout(1500)
    page.keyboard.press(" ")


def compare(page: Page, path: str) -> None:
    """Come to two takes, paused at the same moment."""
    page.goto(path)
    page.get_by_role("slider", name="Frame").wait_for()
    for _ in range(24):
        page.keyboard.press(".")


def review(page: Page, path: str) -> None:
    """Scroll the dialog of a clip to what is said of its take."""
    page.goto(path)
    page.get_by_role("region", name="Notes", exact=True).scroll_into_view_if_needed()
    page.get_by_role("group", name="Takes", exact=True).scroll_into_view_if_needed()


def show_drawing(page: Page, path: str) -> None:
    """Pick the note that has a drawing: the player goes to its frame."""
    page.goto(path)
    page.get_by_role("button", name=f"frame {shoot.DRAWN + 1}", exact=True).click()
    page.locator("[data-frame-player]").first.scroll_into_view_if_needed()


def made_exports(page: Page, path: str) -> None:
    """Scroll the page of exports to those that were made."""
    page.goto(path)
    page.get_by_role("heading", name="Made", exact=True).evaluate("heading => heading.scrollIntoView()")


def shoot_films(client: Client, shots: Camera, film: str) -> None:
    """Keep what is there of films and scripts."""
    pages = demo.scene_pages(client) | demo.film_pages(client, film)
    for name, path in pages.items():
        shots.shoot(name, path)
    shots.shoot("writing", lambda page: write(page, pages["scene"]))
    shots.shoot("play", lambda page: play(page, pages["scene"]))
    script = demo.revised(client.read(f"/api/films/{film}/screenplay.fountain").decode()).encode()

    def revise(page: Page) -> None:
        bring(page, f"/films/{film}/screenplay/", "gull-rock-2.fountain", script)

    shots.shoot("revision", revise)
    for page in shots.pages.values():
        page.get_by_role("button", name="Cancel").click()


def shoot_takes(client: Client, shots: Camera, scene: Scene) -> None:
    """Keep the road from a plan to the cut that comes back from an editor."""
    shots.shoot("batch", f"/batches/{shoot.make_frames(client, scene)}/")
    shoot.make_takes(client, scene)
    shots.shoot("plan", f"{scene.path}/plan/?what=both&only=missing")
    shots.shoot("review", "/review/")
    shots.shoot("takes", lambda page: review(page, f"{scene.block(1)}/clip/video/"))
    shots.shoot("drawing", lambda page: show_drawing(page, f"{scene.block(1)}/clip/video/"))
    shots.shoot("compare", lambda page: compare(page, f"{scene.block(1)}/clip/video/takes/compare/"))
    guest = shoot.open_to_guests(client, scene, "Ines, second unit")
    shots.shoot("guests", f"{scene.path}/people/")
    shots.shoot("guest", guest)
    timeline = shoot.edited_timeline(client, scene)
    shots.shoot("timeline", lambda page: bring(page, f"{scene.path}/exports/", "the-boat-cut-2.otio", timeline))
    batch = shoot.start_batch(client, scene)
    shots.shoot("batch-running", f"/batches/{batch}/")
    client.until(f"/batches/{batch}", lambda state: state["finished"])
    shots.shoot("batch-failed", f"/batches/{batch}/")
    shoot.export(client, scene.path, format="pdf", layout="grid")
    shoot.start_export(client, scene.path, format="mp4", captions="burned", width=1920, height=1080)
    shots.shoot("exports-made", lambda page: made_exports(page, f"{scene.path}/exports/"))
    shots.shoot("exports", f"{scene.path}/exports/")


def main() -> None:
    link, token = sys.argv[1:]
    camera.FOLDER.mkdir(exist_ok=True)
    client = Client("{0.scheme}://{0.netloc}".format(urlsplit(link)), token)
    film = demo.film_of(client)
    with camera.signed_in(link) as shots:
        shoot.write_other_film(client)
        scene = shoot.write(client, film)
        shoot_takes(client, shots, scene)
        shoot_films(client, shots, film)


if __name__ == "__main__":
    main()
