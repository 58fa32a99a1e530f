"""A program that knows nothing but the OpenAPI document tries everything it allows, and what it does not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import schemathesis
from guardian.shortcuts import assign_perm

from accounts.models import ApiToken
from api.site import api
from scenes.models import Block, Film
from tests.fixtures.scene import new_scene, picture_file
from tests.fixtures.tree import ROOT
from videogen import actions
from videogen.models import LIVE, Frame, Video

HERE = Path(__file__).parent
EXAMPLES = {"owner": 6, "only looking": 2}  # of each operation; more find more, CI has a minute

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def server(stack) -> str:
    """The product's own web server on the database of the test; no worker, so that what is asked for stays live."""
    return f"{stack.web()}/api"


def try_everything(
    server: str, user, scene, written, blocks, examples: int, folder: Path
) -> subprocess.CompletedProcess[str]:
    _, plaintext = ApiToken.issue(user, "schemathesis")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", f"{server}/openapi.json", "--header", f"Authorization: Bearer {plaintext}"]
    command += ["--max-examples", str(examples), "--seed", "20240229", "--no-color", "--warnings", "off"]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "FILM_OF_TEST": str(scene.film_id),
        "SPARE_FILM_OF_TEST": str(Film.objects.create(title="To be taken away", owner=scene.film.owner).pk),
        "SCENE_OF_TEST": str(scene.pk),
        "BLOCKS_OF_TEST": json.dumps([str(block.pk) for block in blocks]),
        "WRITTEN_OF_TEST": json.dumps([str(written.pk), *(str(block.pk) for block in written.blocks.all())]),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )


def test_the_document_is_valid():
    schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema()))).validate()


@pytest.mark.parametrize("who", ["owner", "only looking"])
def test_nothing_a_client_can_send_breaks_the_api(server, stack, who, alice, bob, scene, action, dialog, tmp_path):
    for block in (action, dialog):
        actions.upload_frame(block, "start", picture_file(), alice)
    if who == "only looking":
        assign_perm("scene_block:frame:generate", bob, dialog)
    written = new_scene(alice, title="To be written in, removed and brought back")
    for place in range(4):
        Block.objects.create(scene=written, position=place, kind="action", text="Rain.")
    user = alice if who == "owner" else bob
    assign_perm("view_scene", bob, written)
    done = try_everything(server, user, scene, written, [action, dialog], EXAMPLES[who], tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Operations:       62 selected / 62 total" in done.stdout
    assert "Stateful" in done.stdout
    assert "Traceback" not in stack.log("web")
    for model in (Frame, Video):
        for block in (action, dialog):
            assert model.objects.filter(block=block, status__in=LIVE).count() <= 2
