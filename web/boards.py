"""What the pages of films show: films as posters, a film's scenes as boards. Queries do not depend on their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Subquery, Sum

from scenes import access
from scenes.headings import scene_heading
from scenes.models import Film, Scene
from videogen.models import Frame, Video
from web.addresses import address
from web.counts import Counts, Standing, standing

PICTURES = 5  # of a scene's board


@dataclass(frozen=True, slots=True)
class Poster:
    """A film in the list. clip: the newest current take that the person may see. place: a scene with a picture."""

    film: Film
    scenes: int
    clips: int
    seconds: int
    clip: Video | None
    place: Scene | None

    @property
    def clip_address(self) -> str:
        """Where the clip is played from; empty without one."""
        clip = self.clip
        return address("clip_file", clip.block.scene_id, clip.block_id, clip.pk) if clip else ""


def posters(person: access.Person, films: Sequence[Film]) -> list[Poster]:
    """Gather what the list of films shows. Four queries."""
    visible = access.visible_scenes(person).filter(film__in=films).order_by()
    scenes = dict(visible.values_list("film").annotate(Count("pk")))
    newest = _current().filter(block__scene__in=visible.values("pk"))
    of_film = newest.filter(block__scene__film=OuterRef("film")).order_by("-finished_at", "pk").values("pk")[:1]
    made = {
        row["film"]: row
        for row in newest.annotate(film=F("block__scene__film"))
        .order_by()
        .values("film")
        .annotate(clips=Count("pk"), seconds=Sum("duration"), at=Max("finished_at"), newest=Subquery(of_film))
    }
    clips = _current().select_related("block").in_bulk([row["newest"] for row in made.values()])
    places: dict[UUID, Scene] = {}
    with_picture = visible.exclude(location=None).exclude(location__image="").select_related("location")
    for scene in with_picture.order_by("film", "position"):
        places.setdefault(scene.film_id, scene)
    return [
        Poster(
            film=film,
            scenes=scenes.get(film.pk, 0),
            clips=made[film.pk]["clips"] if film.pk in made else 0,
            seconds=made[film.pk]["seconds"] if film.pk in made else 0,
            clip=clips.get(made[film.pk]["newest"]) if film.pk in made else None,
            place=places.get(film.pk),
        )
        for film in films
    ]


def _current() -> Any:
    return Video.objects.filter(is_current=True, block__removed_at=None)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a board."""

    address: str
    is_tall: bool


def _is_tall(row: Frame | Video) -> bool:
    return row.height > row.width


@dataclass(slots=True)
class Board:
    """A scene of the film page. seconds: how long its clips are. pictures: the first of its blocks that have any."""

    scene: Scene
    heading: str
    counts: Counts
    seconds: int = 0
    pictures: list[Picture] = field(default_factory=list)


def boards(scenes: Sequence[Scene]) -> list[Board]:
    """Gather what the boards of these scenes show. Five queries."""
    found = standing(scenes)
    return [_board(scene, found[scene.pk]) for scene in scenes]


def _board(scene: Scene, blocks: list[Standing]) -> Board:
    board = Board(scene, scene_heading(scene), Counts.of(blocks))
    for row in blocks:
        clip, start, pk = row.made.current, row.made.chosen(Frame.Role.START), row.block.pk
        board.seconds += clip.duration if clip else 0
        if len(board.pictures) < PICTURES and (clip is not None and clip.poster):
            board.pictures.append(Picture(address("clip_poster", scene.pk, pk, clip.pk), _is_tall(clip)))
        elif len(board.pictures) < PICTURES and start is not None:
            board.pictures.append(Picture(address("frame_thumbnail", scene.pk, pk, start.pk), _is_tall(start)))
    return board


def total(of: Iterable[Board]) -> dict[str, int]:
    """Add up what a film's boards say."""
    found = list(of)
    return {
        "scenes": len(found),
        "blocks": sum(board.counts.blocks for board in found),
        "frames": sum(board.counts.frames for board in found),
        "clips": sum(board.counts.clips for board in found),
        "failed": sum(board.counts.failed for board in found),
        "seconds": sum(board.seconds for board in found),
        "outdated": sum(board.counts.outdated for board in found),
    }
