"""Films: list, begin, read, change and take away; add a scene; bring a screenplay and take it out."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Status

from api import screenplay_files
from api.auth import caller
from api.body import read_body, refuse, save_words
from api.camel import CamelSchema
from api.film_schemas import FilmPage, FilmSummary, ScreenplayPlan
from api.library import FilmCharacter, FilmLocation
from api.openapi import Json, json_body, or_null, responses
from api.paths import PER_PAGE, DryRun, FilmId, Page, PageSize, rows_of
from api.problems import ProblemError
from api.scenes import IN_PLACE, summary
from api.schemas import Rights, SceneSummary
from scenes import access, actions, films, library, revision
from scenes.access import CHANGE
from scenes.films import FilmError
from scenes.forms import FilmForm
from scenes.models import Block, Character, Film, Location
from scenes.screenplay.choices import ChoiceError
from scenes.screenplay.document import ScreenplayError
from scenes.script import file_of
from scenes.wording import SCENE_WORDS, WritingError
from videogen.actions import cancel_all

router = Router(tags=["Films"])
_REFUSED = (401, 403, 404, 413, 415, 422)
_FILM = "/films/{uuid:filmId}"
_WORDS: dict[str, Json] = {
    "title": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
    "logline": {"type": "string", "maxLength": 1000, "description": "What happens, in a sentence or two."},
    "style": {"type": "string", "maxLength": 500, "description": "For scenes without a style of their own."},
}
_NEW = {name: found if name == "title" else or_null(found) for name, found in _WORDS.items()}
_SCENE_IDS: Json = {
    "type": "array",
    "items": {"type": "string", "format": "uuid"},
    "maxItems": films.MOST_SCENES,
    "description": "Every scene of the film, in the new order.",
}
_CHANGE = {**{name: or_null(found) for name, found in _WORDS.items()}, "scene_ids": or_null(_SCENE_IDS)}
_SCENE = {
    "title": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
    **{
        name: or_null({"type": "string", "maxLength": words.limit, "description": f"{words.label}."})
        for name, words in SCENE_WORDS.items()
        if name != "title"
    },
    "location_id": or_null({"type": "string", "format": "uuid", "description": "A location of the film."}),
    "character_ids": or_null({"type": "array", "items": {"type": "string", "format": "uuid"}}),
    "after": or_null({"type": "string", "format": "uuid", "description": "Behind this scene; else at the end."}),
}


class FilmDocument(CamelSchema):
    """A film with its scenes in order, its library, and what you may do with all of it."""

    film: FilmSummary
    scenes: list[SceneSummary]
    locations: list[FilmLocation]
    characters: list[FilmCharacter]
    can: Rights


def _summary(film: Film, scenes: int) -> FilmSummary:
    return FilmSummary(
        id=film.pk,
        title=film.title,
        logline=film.logline,
        style=film.style,
        owner=film.owner.get_username(),
        scene_count=scenes,
        created_at=film.created_at,
        updated_at=film.updated_at,
        url=f"/api/films/{film.pk}",
    )


@router.get(
    "/films",
    response=FilmPage,
    by_alias=True,
    operation_id="listFilms",
    summary="List films",
    openapi_extra=responses(401, 422),
)
@access.policy("signed in: films that are visible to the caller")
def list_films(request: HttpRequest, page: Page = 1, page_size: PageSize = PER_PAGE) -> FilmPage:
    """List the films you may see, or of which you may see a scene, newest first. A page past the last one is empty."""
    found = access.visible_films(request.user).select_related("owner").order_by("-created_at", "pk")
    shown_films = list(found[rows_of(page, page_size)])
    scenes = access.visible_scenes(request.user).filter(film__in=shown_films).order_by()
    counts = dict(scenes.values_list("film").annotate(Count("pk")))
    items = [_summary(film, counts.get(film.pk, 0)) for film in shown_films]
    return FilmPage(count=found.count(), page=page, page_size=page_size, items=items)


@router.post(
    "/films",
    response={201: FilmSummary},
    by_alias=True,
    operation_id="addFilm",
    summary="Begin a film",
    openapi_extra={**json_body("NewFilm", _NEW, ["title"]), **responses(401, 413, 415, 422)},
)
@access.policy("signed in: everybody may begin a film of their own")
def add_film(request: HttpRequest) -> Status[FilmSummary]:
    """Begin an empty film of your own."""
    film = Film(owner=caller(request))
    save_words(read_body(request, _WORDS), _WORDS, FilmForm, film)
    return Status(201, _summary(film, 0))


@router.get(
    _FILM,
    response=FilmDocument,
    by_alias=True,
    operation_id="readFilm",
    summary="Read a film",
    openapi_extra=responses(401, 404),
)
@access.policy("film:view_scene")
def read_film(request: HttpRequest, film_id: FilmId) -> FilmDocument:
    """Return the film with the scenes you see, in order, and the locations and characters that you see."""
    film = access.get_film(request.user, film_id)
    scenes = access.scenes_in(film, request.user).select_related("location", "film__owner")
    counted = list(scenes.annotate(block_count=Count("blocks", filter=IN_PLACE)).order_by("position"))
    return FilmDocument(
        film=_summary(film, len(counted)),
        scenes=[summary(scene, scene.block_count) for scene in counted],
        locations=[FilmLocation.of(entry) for entry in library.entries(request.user, film, Location)],
        characters=[FilmCharacter.of(entry) for entry in library.entries(request.user, film, Character)],
        can=Rights.of(film.can),
    )


@router.patch(
    _FILM,
    response=FilmSummary,
    by_alias=True,
    operation_id="changeFilm",
    summary="Change a film",
    openapi_extra={**json_body("FilmChange", _CHANGE), **responses(*_REFUSED, 409)},
)
@access.policy(f"film:{CHANGE}")
def change_film(request: HttpRequest, film_id: FilmId) -> FilmSummary:
    """Change what the body names of a film. `sceneIds` is the whole new order; 409 where it is not every scene."""
    film = access.get_film(request.user, film_id, CHANGE)
    body = read_body(request, _CHANGE)
    save_words(body, _WORDS, FilmForm, film)
    if body.values.get("scene_ids") is not None:
        try:
            films.set_scene_order(film, body.identifiers("scene_ids"))
        except FilmError as error:
            raise ProblemError(409, "changed_meanwhile", str(error), errors={"sceneIds": str(error)}) from None
    return _summary(film, film.scenes.count())


@router.delete(
    _FILM,
    response={204: None},
    operation_id="removeFilm",
    summary="Take a film away",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"film:{CHANGE}, and its owner")
def remove_film(request: HttpRequest, film_id: FilmId) -> Status[None]:
    """Take a film of your own away, and stop what is being made in it. Its page brings it back for 30 days."""
    film = access.get_film(request.user, film_id, CHANGE)
    films.demand_owner(film, caller(request))
    films.remove(film)
    cancel_all(Block.objects.filter(scene__film=film).values_list("pk", flat=True), caller(request))
    return Status(204, None)


@router.post(
    f"{_FILM}/scenes",
    response={201: SceneSummary},
    by_alias=True,
    operation_id="addScene",
    summary="Add a scene",
    openapi_extra={**json_body("NewScene", _SCENE, ["title"]), **responses(*_REFUSED, 409)},
)
@access.policy(f"film:{CHANGE}")
def add_scene(request: HttpRequest, film_id: FilmId) -> Status[SceneSummary]:
    """Add an empty scene behind another, or at the end."""
    film = access.get_film(request.user, film_id, CHANGE)
    body = read_body(request, _SCENE)
    given = {name: value for name, value in body.values.items() if value is not None and name in SCENE_WORDS}
    for name in ("location_id", "after"):
        if body.values.get(name) is not None:
            given[name] = body.identifier(name)
    if body.values.get("character_ids") is not None:
        given["character_ids"] = body.identifiers("character_ids")
    if body.errors:
        refuse(body.errors)
    try:
        scene = actions.add_scene(film, given)
    except WritingError as error:
        refuse(error.errors)
    except FilmError as error:
        raise ProblemError(409, "film_full", str(error)) from None
    return Status(201, summary(scene, 0))


# --- Screenplays --------------------------------------------------------------------------------------------------


@router.post(
    f"{_FILM}/screenplay",
    response={200: ScreenplayPlan, 201: ScreenplayPlan},
    by_alias=True,
    operation_id="bringScreenplay",
    summary="Bring a screenplay",
    openapi_extra={
        **screenplay_files.document("ScreenplayFile", with_names=True),
        **responses(401, 403, 404, 413, 415, 422),
    },
)
@access.policy(f"film:{CHANGE}")
def bring_screenplay(request: HttpRequest, film_id: FilmId, dry_run: DryRun = False) -> Status[ScreenplayPlan]:
    """Bring a Fountain or Final Draft file: into an empty film, or as a revision, which keeps frames and clips.

    With `dryRun=true` nothing changes, and the answer says what would, and which names are doubtful; `names` decides
    them, else they stay as the file writes them. The film's page undoes what was applied.
    """
    film = access.get_film(request.user, film_id, CHANGE)
    name, data = screenplay_files.read(request)
    names = screenplay_files.read_names(request)
    try:
        found = revision.bring(film, caller(request), name, data)
    except ScreenplayError as error:
        raise ProblemError(422, "screenplay_invalid", str(error), errors={"file": str(error)}) from None
    try:
        revision.choose(found, names)
        done = revision.propose(found) if dry_run else revision.apply(found)
    except ChoiceError as error:
        found.delete()
        raise screenplay_files.names_problem(str(error)) from None
    except FilmError as error:
        found.delete()
        raise ProblemError(422, "film_full", str(error), errors={"file": str(error)}) from None
    if dry_run:
        found.delete()
        return Status(200, ScreenplayPlan.of(done))
    cancel_all(done.gone, caller(request))
    return Status(201, ScreenplayPlan.of(done))


@router.get(
    f"{_FILM}/screenplay.{{form}}",
    response={200: str},
    operation_id="readScreenplay",
    summary="Take the screenplay out",
    openapi_extra=screenplay_files.out(responses(401, 404, 422)),
)
@access.policy("film:view_scene")
def read_screenplay(request: HttpRequest, film_id: FilmId, form: screenplay_files.Form) -> HttpResponse:
    """Return the film, with the scenes you see, as a file: .fountain or .fdx."""
    film = access.get_film(request.user, film_id)
    visible = set(access.scenes_in(film, request.user).values_list("pk", flat=True))
    data, kind, name = file_of(film, visible, form)
    disposition = content_disposition_header(True, name) or ""
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": disposition})
