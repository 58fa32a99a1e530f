"""Every page at both widths in both themes, as WebP files in docs/images."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import chromium

FOLDER = Path(__file__).parents[1] / "images"
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
QUALITY = 82  # of a WebP file: text keeps its edges, and a page of pictures stays below 100 KB


class Camera:
    """Four windows of somebody who is signed in. pages: by what ends the names of their pictures."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self.pages = pages

    def shoot(self, name: str, come: str | Callable[[Page], object]) -> None:
        """Keep four pictures. come: a path, or what brings a window to what is to be seen."""
        for look, page in self.pages.items():
            if callable(come):
                come(page)
            else:
                page.goto(come)
            _keep(page, f"{name}-{look}")


@contextmanager
def signed_in(link: str) -> Iterator[Camera]:
    """Open the windows. link: a one-time link, which is used up."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        door = browser.new_context().new_page()
        door.goto(link)
        door.get_by_role("button").click()
        state = door.context.storage_state()
        pages = {}
        for width, viewport in SIZES.items():
            for theme in ("dark", "light"):
                look = {"viewport": viewport, "color_scheme": theme, "reduced_motion": "reduce"}
                if width == "390":
                    look |= {"is_mobile": True, "has_touch": True}
                context = browser.new_context(storage_state=state, base_url=base, **look)
                pages[f"{width}-{theme}"] = context.new_page()
        yield Camera(pages)
        browser.close()


def _keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    if "/clip/" in page.url and "/compare/" not in page.url:
        page.locator("dialog[open]").wait_for()
    page.wait_for_function("[...document.images].every(image => image.complete || image.loading === 'lazy')")
    if page.locator("video").count():
        page.wait_for_timeout(1500)  # a player shows that it loads for a moment
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        raise ValueError(f"{name} is {wide} px wider than its window.")
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)
