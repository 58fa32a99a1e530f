"""The demo: two short scenes at a lighthouse, written for this project, with their cast and four people."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from scenes import demo_art
from scenes.access import VIEW
from scenes.models import Block, Character, Location, Scene, SceneUserPermission

Pictures = Mapping[str, tuple[str, bytes]]  # name: (file name, bytes)

OWNER, VIEWER, OUTSIDER, OPERATOR = "alice", "bob", "charlie", "operator"

STYLE = "Flat layered storybook illustration, soft grain, warm lamplight against a violet evening"

_DUSK = (
    "exterior at dusk: a red and white lighthouse on a dark rock above a calm sea, its lamp just lit, the last sun on "
    "the water, a keeper's cottage beside it, a wooden jetty and a rowing boat below, far hills"
)
_KITCHEN = (
    "interior at night: a small green-panelled kitchen, an iron stove with a fire, red curtains at a window full of "
    "rain, a lamp hanging low over a wooden table with bread and a sea chart, a ginger cat asleep on the rug"
)
LOCATIONS = {"The Lighthouse at Gull Rock": _DUSK, "The Keeper's Kitchen": _KITCHEN}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the cast: how they look and how they sound."""

    look: str
    voice: str


CHARACTERS = {
    "Mara": Part(
        look="a young lighthouse keeper in a long yellow raincoat and green boots, dark hair blown loose by the wind, "
        "a brass lantern in her hand",
        voice="low, calm, a smile underneath",
    ),
    "Old Tobias": Part(
        look="an old keeper with a white beard, a navy cap with a gold cord, a blue patterned jumper, brown corduroy "
        "trousers, a pipe gone cold in his hand",
        voice="slow, rough as rope, kind",
    ),
    "Wren": Part(
        look="a girl of ten with dark curls in two buns, a wide grin, a long red scarf, blue dungarees, striped socks "
        "and a folded paper boat in her hands",
        voice="bright and quick",
    ),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One scene as written. script: paragraphs, each an action, or a line that begins with its speaker and a colon."""

    title: str
    location: str
    synopsis: str
    script: str

    def blocks(self) -> Iterator[tuple[str, str]]:
        """(name of the speaker or nothing, text) of each paragraph."""
        for paragraph in self.script.strip().split("\n\n"):
            text = " ".join(paragraph.split())
            speaker, colon, line = text.partition(": ")
            yield (speaker, line) if colon and speaker in CHARACTERS else ("", text)


# Scenes are listed newest first, so the page to be opened first is the last to be written.
PAGES = (
    Page(
        title="A Kettle for Three",
        location="The Keeper's Kitchen",
        synopsis="Later that night. A chart is missing a corner, and somebody small knows where it went.",
        script="""
            Rain drums on the window. The stove glows, the kettle begins to sing, and the cat does not care.
            Old Tobias unrolls a sea chart on the table. One corner of it is gone, cut away in a very straight line.

            Wren: It had to be a good boat, Grandpa. You can't send just any paper out to sea.
        """,
    ),
    Page(
        title="The Last Lamp",
        location="The Lighthouse at Gull Rock",
        synopsis="Tomorrow a switch in the town takes over. Tonight three people light the lamp by hand, one last "
        "time, and somebody out at sea notices.",
        script="""
            The sun goes down behind the hills. High on the rock the great lamp wakes, and its beam begins to walk
            across the bay. Below, a rowing boat knocks softly against the jetty.

            Mara comes down the path in her yellow raincoat, lantern in hand. At the end of the jetty Wren folds a
            corner of an old sea chart into a boat.

            Wren: Grandpa says it's the last time somebody lights it by hand.

            Mara: From tomorrow there's a switch in the town. A switch never oversleeps.

            Old Tobias: It never waves, either. Forty years I lit that lamp, and not once did I know if anyone was
            out there. I waved all the same.

            Wren sets the paper boat on the water. The beam passes over it once, twice. Old Tobias lifts his hand to
            the dark. And far out, where there was nothing, a small light blinks back.
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What the command prints: the scene to open first, its blocks in order, and the people by name."""

    scene: Scene
    blocks: list[Block]
    users: dict[str, User]


def load(password: str = "") -> Demo:
    """Make what is missing of the demo and return it; what is there stays as people left it.

    password: set for all demo people; without one, new people sign in by link until somebody sets one.
    """
    missing = [page for page in PAGES if not _scenes(page).exists()]
    pictures = _draw(missing)  # takes seconds: before the transaction, which keeps other writers waiting
    with transaction.atomic():
        users = {name: _person(name, password) for name in (OWNER, VIEWER, OUTSIDER, OPERATOR)}
        for page in missing:
            _write(page, users, pictures)
    scene = _scenes(PAGES[-1]).latest("created_at")
    return Demo(scene=scene, blocks=list(scene.blocks.all()), users=users)


def _scenes(page: Page) -> QuerySet[Scene]:
    return Scene.objects.filter(title=page.title, owner__username=OWNER)


def _draw(pages: list[Page]) -> Pictures:
    names = [page.location for page in pages] + (list(CHARACTERS) if pages else [])
    return dict(zip(names, _pictures(tuple(names)), strict=True))


@cache  # always the same, and seconds of work
def _pictures(names: tuple[str, ...]) -> list[tuple[str, bytes]]:
    if not names:
        return []
    # One process for each core: a stranger waits for this at the very first start.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(pool.map(demo_art.encoded, names))


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


def _write(page: Page, users: dict[str, User], pictures: Pictures) -> None:
    cast = {name: _character(name, pictures) for name in CHARACTERS}
    scene = Scene.objects.create(
        title=page.title,
        synopsis=page.synopsis,
        style=STYLE,
        location=_location(page.location, pictures),
        owner=users[OWNER],
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


def _location(name: str, pictures: Pictures) -> Location:
    description = LOCATIONS[name]
    location = Location.objects.filter(name=name, description=description).first()
    if location is None:
        location = Location(name=name, description=description)
        location.image.save(*_file(pictures[name]), save=True)
    return location


def _character(name: str, pictures: Pictures) -> Character:
    part = CHARACTERS[name]
    character = Character.objects.filter(name=name, description=part.look).first()
    if character is None:
        character = Character(name=name, description=part.look, voice=part.voice)
        character.portrait.save(*_file(pictures[name]), save=True)
    return character


def _file(picture: tuple[str, bytes]) -> tuple[str, "ContentFile[bytes]"]:
    name, data = picture
    return name, ContentFile(data)
