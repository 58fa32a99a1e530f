"""A plan by API: of 10 and 500 blocks of which everything is missing, and of 500 that are looked at for changes.

Run: .venv/bin/python -m benchmarks.plans
Prints queries and milliseconds (median and 95th percentile of one process, without network) and the milliseconds of
processor time that one plan takes. Everything is written to a temporary folder.
"""

import time

from benchmarks.pages import FOLDER, make_scene, measure  # it sets Django up, so it comes first

# isort: split
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from scenes.models import Block, Scene
from tests.fixtures.scene import new_scene
from videogen.models import Frame
from videogen.specs import FrameSpec


def make_empty_scene(owner: User, blocks: int) -> Scene:
    """A scene of which nothing was made."""
    scene = new_scene(owner, title=f"{blocks} blocks")
    Block.objects.bulk_create(
        Block(scene=scene, position=place, kind="action", text=f"Rain {place}. The lamp turns.")
        for place in range(blocks)
    )
    return scene


def make_scene_with_ends(owner: User, blocks: int) -> Scene:
    """A scene of which each block was given an end frame, and all three of each are missing."""
    scene = make_empty_scene(owner, blocks)
    spec = FrameSpec(model="animatic", role="end", prompt="The lamp is dark.")
    Frame.objects.bulk_create(
        Frame(block=block, role="end", status="cancelled", spec=spec.to_json(), model=spec.model, width=64, height=64)
        for block in scene.blocks.all()
    )
    return scene


def main() -> None:
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user("owner")
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    scenes = {
        "10 blocks, missing": (make_empty_scene(owner, 10), "missing"),
        "500 blocks, missing": (make_empty_scene(owner, 500), "missing"),
        "500 blocks, outdated": (make_scene(owner, 500), "outdated"),
        "500 blocks, end frames": (make_scene_with_ends(owner, 500), "missing"),
    }
    print(f"{'':24}{'queries':>8}{'median ms':>11}{'p95 ms':>9}{'processor ms':>14}")
    for name, (scene, only) in scenes.items():
        url, body = f"/api/scenes/{scene.pk}/generate?dryRun=true", {"what": "both", "only": only, "endFrames": True}

        def ask(url: str = url, body: dict[str, object] = body) -> object:
            return client.post(url, body, content_type="application/json")

        queries, median, worst = measure(ask)
        begun = time.process_time()
        ask()
        used = (time.process_time() - begun) * 1000
        print(f"{name:24}{queries:8}{median:11.1f}{worst:9.1f}{used:14.1f}")


if __name__ == "__main__":
    main()
    FOLDER.cleanup()
