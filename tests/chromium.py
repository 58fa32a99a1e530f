"""The browser of the browser tests: one that is installed, else one that is fetched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")


def find() -> Path | None:
    """A Chromium on this machine: of the PATH, of macOS's applications, or Playwright's own."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    apps = [Path("/Applications") / app for app in MAC_APPS]
    return next((path for path in (*apps, own) if path.exists()), None)


def install() -> None:
    """Debian's package where that is possible, else Playwright's download. Raises CalledProcessError."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=True, env=quiet
        )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    if find() is None:
        print("Installing a Chromium for the browser tests", flush=True)
        install()
    print(f"Browser tests use {find()}")
