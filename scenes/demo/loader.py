"""Loads the demo: the rows of its scenes and people, and copies of its pictures."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.utils.crypto import get_random_string

from scenes.access import VIEW
from scenes.demo.pictures import layers_file_of, picture_of
from scenes.demo.script import CHARACTERS, FILM, LOCATIONS, LOGLINE, PAGES, STYLE, Page
from scenes.models import Block, Character, Film, Location, Scene, SceneUserPermission
from scenes.order import next_position, set_order

OWNER, VIEWER, OUTSIDER, OPERATOR = "alice", "bob", "charlie", "operator"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the command prints: the film, the scene to open first, its blocks in order, and the people by name."""

    film: Film
    scene: Scene
    blocks: list[Block]
    users: dict[str, User]


def load(password: str = "") -> Demo:
    """Make what is missing of the demo and return it; what is there stays as people left it.

    password: set for all demo people; without one, new people sign in by link until somebody sets one.
    """
    with transaction.atomic():
        users = {name: _person(name, password) for name in (OWNER, VIEWER, OUTSIDER, OPERATOR)}
        # Lists of scenes show the newest first: the page to be opened first is the last to be written.
        missing = [page for page in reversed(PAGES) if not _scenes(page).exists()]
        written = [_write(page, users) for page in missing]
        if written:
            set_order(written[0].film.scenes, [scene.pk for scene in reversed(written)])
    scene = _scenes(PAGES[0]).select_related("film").latest("created_at")
    return Demo(film=scene.film, scene=scene, blocks=list(scene.blocks.all()), users=users)


def opening_scene() -> Scene | None:
    """Return the scene of the demo that people open first; None where there is no demo."""
    return _scenes(PAGES[0]).order_by("-created_at").first()


def _scenes(page: Page) -> QuerySet[Scene]:
    return Scene.objects.filter(title=page.title, film__owner__username=OWNER, film__removed_at=None)


def _film(owner: User) -> Film:
    """The film that has another scene of the demo, or one of its name; else a new one."""
    films = Film.objects.filter(owner=owner).order_by("created_at")
    of_scene = films.filter(scenes__title__in=[page.title for page in PAGES])
    found = of_scene.first() or films.filter(title=FILM).first()
    return found or Film.objects.create(title=FILM, logline=LOGLINE, style=STYLE, owner=owner)


def _person(username: str, password: str) -> User:
    user, created = User.objects.get_or_create(
        username=username,
        defaults={"is_staff": username == OPERATOR, "is_superuser": username == OPERATOR},
    )
    if password and not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    elif created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _write(page: Page, users: dict[str, User]) -> Scene:
    film = _film(users[OWNER])
    cast = {name: _character(film, name) for name in CHARACTERS}
    scene = Scene.objects.create(
        film=film,
        position=next_position(film.scenes),
        title=page.title,
        synopsis=page.synopsis,
        style=STYLE,
        location=_location(film, page.location),
    )
    scene.characters.set(cast.values())
    Block.objects.bulk_create(
        Block(
            scene=scene,
            position=position,
            kind=Block.Kind.DIALOG if speaker else Block.Kind.ACTION,
            character=cast.get(speaker),
            text=text,
        )
        for position, (speaker, text) in enumerate(page.blocks())
    )
    SceneUserPermission.objects.assign_perm(VIEW, users[VIEWER], scene)
    return scene


def _location(film: Film, name: str) -> Location:
    description = LOCATIONS[name]
    location = film.locations.filter(name=name, description=description).first()
    if location is None:
        location = Location(film=film, name=name, description=description)
        path = layers_file_of(name)
        location.layers.save(f"{get_random_string(24)}{path.suffix}", ContentFile(path.read_bytes()), save=False)
        _copy(name, location.image)
    return location


def _character(film: Film, name: str) -> Character:
    part = CHARACTERS[name]
    character = film.characters.filter(name=name, description=part.look).first()
    if character is None:
        character = Character(film=film, name=name, description=part.look, voice=part.voice)
        _copy(name, character.portrait)
    return character


def _copy(name: str, picture: ImageFieldFile) -> None:
    """Copy the picture of that location or character into the media storage, and save its row."""
    path = picture_of(name)
    picture.save(path.name, ContentFile(path.read_bytes()), save=True)
