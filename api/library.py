"""A film's locations and characters: list, add, change, delete, give a picture."""

from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Query, Router, Status

from api import uploads
from api.body import read_body, save_words
from api.camel import CamelSchema
from api.openapi import Json, json_body, or_null, responses
from api.paths import FilmId, ItemId
from api.problems import ProblemError
from scenes import access, library
from scenes.access import CHANGE
from scenes.forms import LONGEST_LOOK, CharacterForm, LocationForm
from scenes.library import Entry, LibraryError
from scenes.models import Character, Film, Location
from scenes.uploads import PictureError

router = Router(tags=["Library"])


class FilmLocation(CamelSchema):
    """A location of a film. pictureUrl: null where it has none. sceneIds: which of the scenes you see play there."""

    id: UUID
    name: str
    description: str
    picture_url: str | None
    scene_ids: list[UUID]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Convert a location or character with its scenes."""
        item = entry.item
        words = {name: getattr(item, name) for name in cls.model_fields if hasattr(item, name)}
        kind = "locations" if isinstance(item, Location) else "cast"
        url = reverse("item_picture", args=[item.film_id, kind, item.pk]) if library.picture(item) else None
        return cls(**words, picture_url=url and f"{url}?size=large", scene_ids=[scene.pk for scene in entry.scenes])


class FilmCharacter(FilmLocation):
    """A character of a film. description: the look. sceneIds: in which of the scenes you see they are or speak."""

    voice: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What locations and characters differ in. fields: those of a body, with their schemas."""

    model: type[Location] | type[Character]
    form: type[LocationForm] | type[CharacterForm]
    schema: type[FilmLocation]
    name: str
    fields: dict[str, Json]


_FIELDS: dict[str, Json] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": {"type": "string", "maxLength": LONGEST_LOOK, "description": "What is seen: it goes into prompts."},
}
_VOICE: dict[str, Json] = {"voice": {"type": "string", "maxLength": 200}}
KINDS = {
    "locations": Kind(Location, LocationForm, FilmLocation, "Location", _FIELDS),
    "characters": Kind(Character, CharacterForm, FilmCharacter, "Character", _FIELDS | _VOICE),
}
Focus = Annotated[
    float,
    Query(
        ge=0,
        le=1,
        description="Which part of a picture stays: 0 its left or upper end, 0.5 its middle, 1 the other end.",
    ),
]


def _optional(fields: dict[str, Json], *required: str) -> dict[str, Json]:
    return {name: found if name in required else or_null(found) for name, found in fields.items()}


def _entry(request: HttpRequest, film: Film, kind: Kind, item_id: UUID) -> Entry:
    for entry in library.entries(request.user, film, kind.model):
        if entry.item.pk == item_id:
            return entry
    raise Http404(f"This film has no such {kind.name.lower()}.")


def _serve(path: str, kind: Kind) -> None:
    """Register the five operations of a kind."""
    one, base = kind.name, f"/films/{{uuid:filmId}}/{path}"
    schema: Any = kind.schema

    def operation(verb: str, summary: str, **more: Any) -> dict[str, Any]:
        return {"by_alias": True, "operation_id": verb, "summary": summary, "openapi_extra": more}

    @router.get(
        base,
        response=list[schema],
        **operation(f"list{one}s", f"List the {path} of a film", **responses(401, 404)),
    )
    @access.policy("film:view_scene")
    def listed(request: HttpRequest, film_id: FilmId) -> list[Any]:
        """List them by name: all of the film, or those of the scenes you see where you do not see the whole film."""
        film = access.get_film(request.user, film_id)
        return [schema.of(entry) for entry in library.entries(request.user, film, kind.model)]

    @router.post(
        base,
        response={201: schema},
        **operation(
            f"add{one}",
            f"Add a {one.lower()}",
            **json_body(f"New{one}", _optional(kind.fields, "name"), ("name",)),
            **responses(401, 403, 404, 413, 415, 422),
        ),
    )
    @access.policy(f"film:{CHANGE}")
    def add(request: HttpRequest, film_id: FilmId) -> Status[Any]:
        """Add one; its name must be new in the film."""
        film = access.get_film(request.user, film_id, CHANGE)
        item = kind.model(film=film)
        save_words(read_body(request, kind.fields), kind.fields, kind.form, item)
        return Status(201, schema.of(Entry(item, [])))

    @router.patch(
        f"{base}/{{uuid:itemId}}",
        response=schema,
        **operation(
            f"change{one}",
            f"Change a {one.lower()}",
            **json_body(f"{one}Change", _optional(kind.fields)),
            **responses(401, 403, 404, 413, 415, 422),
        ),
    )
    @access.policy(f"film:{CHANGE}")
    def change(request: HttpRequest, film_id: FilmId, item_id: ItemId) -> Any:
        """Change what the body names; the rest stays."""
        entry = _entry(request, access.get_film(request.user, film_id, CHANGE), kind, item_id)
        save_words(read_body(request, kind.fields), kind.fields, kind.form, entry.item)
        return schema.of(entry)

    @router.delete(
        f"{base}/{{uuid:itemId}}",
        response={204: None},
        **operation(f"delete{one}", f"Delete a {one.lower()}", **responses(401, 403, 404, 409)),
    )
    @access.policy(f"film:{CHANGE}")
    def delete(request: HttpRequest, film_id: FilmId, item_id: ItemId) -> Status[None]:
        """Delete one that no scene or line needs; else 409 `in_use`."""
        entry = _entry(request, access.get_film(request.user, film_id, CHANGE), kind, item_id)
        try:
            library.delete(entry.item)
        except LibraryError as error:
            raise ProblemError(409, "in_use", str(error)) from None
        return Status(204, None)

    @router.put(
        f"{base}/{{uuid:itemId}}/picture",
        response=schema,
        **operation(
            f"upload{one}Picture",
            f"Give a {one.lower()} a picture",
            **uploads.DOCUMENT,
            **responses(401, 403, 404, 411, 413, 415, 422, 503, 507),
        ),
    )
    @access.policy(f"film:{CHANGE}")
    def upload(request: HttpRequest, film_id: FilmId, item_id: ItemId, focus: Focus = 0.5) -> Any:
        """Upload a PNG, JPEG or WebP. It is turned upright, stripped of metadata and cropped.

        A location is cropped to 16:9, a portrait to 2:3, a figure that is cut out not at all.
        """
        entry = _entry(request, access.get_film(request.user, film_id, CHANGE), kind, item_id)
        file = uploads.read(request)
        try:
            library.set_picture(entry.item, file, focus)
        except PictureError as error:
            raise uploads.problem(error, file) from None
        return schema.of(entry)


for _path, _kind in KINDS.items():
    _serve(_path, _kind)
