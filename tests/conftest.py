"""The people, scenes and pictures most tests need. Alice owns, Bob may look, Charlie is an outsider."""

from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from guardian.shortcuts import assign_perm
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from PIL import Image

from scenes.models import Block, Character, Location, Scene
from videogen import actions
from videogen.models import Frame

pytest_plugins = ["tests.stack"]

# A busy machine is not a slow test, and the autouse fixture below holds nothing an example could spoil.
hypothesis_settings.register_profile(
    "storyreel", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
hypothesis_settings.load_profile("storyreel")


@pytest.fixture(autouse=True)
def _files_apart(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice", password="alice's password")


@pytest.fixture
def bob(db) -> User:
    return User.objects.create_user("bob", password="bob's password")


@pytest.fixture
def charlie(db) -> User:
    return User.objects.create_user("charlie", password="charlie's password")


def signed_in(user: User) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def mara(db) -> Character:
    return Character.objects.create(name="Mara", description="a young keeper in a yellow raincoat", voice="low")


@pytest.fixture
def scene(alice: User, bob: User, mara: Character) -> Scene:
    location = Location.objects.create(name="Gull Rock", description="a lighthouse above a dark sea at dusk")
    scene = Scene.objects.create(title="The Last Lamp", style="flat illustration", location=location, owner=alice)
    scene.characters.add(mara)
    assign_perm("view_scene", bob, scene)
    return scene


@pytest.fixture
def action(scene: Scene) -> Block:
    return Block.objects.create(scene=scene, position=0, kind="action", text="Mara opens the door. Wind.")


@pytest.fixture
def dialog(scene: Scene, mara: Character) -> Block:
    return Block.objects.create(scene=scene, position=1, kind="dialog", character=mara, text="Who is out there?")


def picture_file(
    size: tuple[int, int] = (320, 192), color: str = "teal", form: str = "PNG", name: str = "picture.png"
) -> SimpleUploadedFile:
    """An upload holding a plain picture."""
    data = BytesIO()
    Image.new("RGB", size, color).save(data, form)
    return SimpleUploadedFile(name, data.getvalue())


@pytest.fixture
def start_frame(action: Block, alice: User) -> Frame:
    return actions.upload_frame(action, "start", picture_file(), alice)
