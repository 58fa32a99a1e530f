"""What somebody sees who came by a guest link: one scene, and nothing else of the installation.

The link's secret is in the address that was sent, and from then on in a cookie of the link's own folder, /guest/<id>/:
the browser sends it nowhere else, and no page, log line or Referer repeats it (docs/decisions/0087).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from scenes import access, guests
from scenes.headings import scene_heading
from scenes.models import Block, GuestLink
from videogen import notes
from videogen.models import Frame, Status, Video
from videogen.plans import START
from web import cache_control
from web.addresses import address
from web.forms.note import NoteForm, refusal_of
from web.guest_scene import GuestBlock, blocks_of
from web.playlist import Addresses, notes_on, playlist
from web.views.media import serve, serve_small
from web.views.play import spoken

KEY, NAME = "guest", "guest_name"  # cookies of a link's folder: its secret, and what the guest calls themselves
NO_ROBOTS = "noindex, nofollow"
_NAME_SECONDS = guests.MOST_DAYS * 24 * 60 * 60  # no link lasts longer

View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request of somebody who need not be signed in."""

    htmx: HtmxDetails


@require_safe
@access.public
@never_cache
@sensitive_variables("key")
def door(request: Request) -> HttpResponse:
    """Open the link whose secret is in `key`: keep it in a cookie of the link's folder, and lead there."""
    key = request.GET.get("key", "")
    link = guests.find(key)
    if link is None:
        return _closed(request)
    response = redirect("guest_scene", link.pk)
    response["X-Robots-Tag"] = NO_ROBOTS
    _remember(response, link, KEY, key)
    return response


def _guest(view: View) -> View:
    """Pass the open link of the URL's link_id to the view, where the browser holds its secret."""

    @wraps(view)
    def gate(request: Request, *, link_id: UUID, **kwargs: Any) -> HttpResponseBase:
        link = guests.find(request.COOKIES.get(KEY, ""))
        response = _closed(request) if link is None or link.pk != link_id else view(request, link, **kwargs)
        response["X-Robots-Tag"] = NO_ROBOTS
        patch_vary_headers(response, ["Cookie"])
        return response

    marked: View = access.policy("guest link: whoever brings its secret, while its maker may share the scene")(gate)
    return marked


def _closed(request: Request) -> HttpResponse:
    """Answer 404, the same for a link that ended, was revoked, never was, or came without its secret."""
    words = _("This link leads nowhere any more. Ask whoever sent it for a new one.")
    if request.htmx:
        return HttpResponse(words, status=404, content_type="text/plain; charset=utf-8")
    response = render(request, "guest/closed.html", status=404)
    response["X-Robots-Tag"] = NO_ROBOTS
    response["Cache-Control"] = "no-store"
    return response


def _remember(response: HttpResponse, link: GuestLink, name: str, value: str) -> None:
    """Set a cookie that no script reads and no other folder gets."""
    response.set_cookie(
        name,
        value,
        expires=link.expires_at if name == KEY else None,
        max_age=_NAME_SECONDS if name == NAME else None,
        path=address("guest_scene", link.pk),
        secure=settings.BEHIND_TLS,
        httponly=True,
        samesite="Lax",
    )


# --- The scene ---------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@_guest
def guest_scene(request: Request, link: GuestLink) -> HttpResponse:
    """Show the scene."""
    return render(request, "guest/scene.html", _context(request, link, blocks_of(link.scene)))


def _context(request: Request, link: GuestLink, blocks: list[GuestBlock]) -> dict[str, Any]:
    scene = link.scene
    heading = scene_heading(scene)
    return {"link": link, "scene": scene, "heading": heading, "blocks": blocks, "name": _name(request)}


@require_safe
@never_cache
@_guest
def guest_play(request: Request, link: GuestLink) -> HttpResponse:
    """Answer with the shots of the scene."""

    def file(_block: Block, row: Video | Frame) -> str:
        return address("guest_clip" if isinstance(row, Video) else "guest_frame", link.pk, row.pk)

    def voice(block: Block) -> str:
        return address("guest_line", link.pk, block.pk)

    def notes_of(_block: Block, clip: Video) -> str:
        return address("guest_clip_notes", link.pk, clip.pk)

    return playlist([link.scene], Addresses(file, voice, notes_of))


@require_safe
@_guest
def guest_line(request: Request, link: GuestLink, block_id: UUID) -> HttpResponseBase:
    """Send the line of a block in its scratch voice."""
    return spoken(request, get_object_or_404(link.scene.blocks.select_related("character"), pk=block_id))


def _clip(link: GuestLink, video_id: UUID) -> Video:
    """Return a take that the scene shows. Raises Http404 for every other one, of this scene too."""
    there = Video.objects.current().filter(block__scene=link.scene, block__removed_at=None, status=Status.SUCCEEDED)
    found: Video = get_object_or_404(there.select_related("block"), pk=video_id)
    return found


@require_safe
@_guest
def guest_clip(request: Request, link: GuestLink, video_id: UUID) -> HttpResponseBase:
    """Send the clip of a block."""
    video = _clip(link, video_id)
    return serve(request, video.file, etag=video.sha256, size=video.size)


@require_safe
@_guest
def guest_clip_notes(request: Request, link: GuestLink, video_id: UUID) -> HttpResponse:
    """Answer with the open notes on a clip, which the page shows as well."""
    return notes_on(_clip(link, video_id))


@require_safe
@_guest
def guest_poster(request: Request, link: GuestLink, video_id: UUID) -> HttpResponseBase:
    """Send the small first picture of a clip."""
    video = _clip(link, video_id)
    response = serve_small(request, video.poster, etag=f"{video.sha256}-poster")
    response["Cache-Control"] = cache_control.ASK_FIRST  # a link that is revoked shows nothing, not even for minutes
    return response


@require_safe
@_guest
def guest_frame(request: Request, link: GuestLink, frame_id: UUID) -> HttpResponseBase:
    """Send the start frame of a block."""
    chosen = Frame.objects.filter(is_chosen=True, role=START, status=Status.SUCCEEDED, block__removed_at=None)
    frame = get_object_or_404(chosen, block__scene=link.scene, pk=frame_id)
    return serve(request, frame.file, etag=frame.sha256, size=frame.size)


# --- Noting ------------------------------------------------------------------------------------------------------


@require_POST
@never_cache
@_guest
def guest_note(request: Request, link: GuestLink, video_id: UUID) -> HttpResponse:
    """Write a note on a frame of a clip, under the name that the guest types with the first one."""
    take, known = _clip(link, video_id), _name(request)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _refused(request, link, take, form.refusal)
    frame, text = form.cleaned_data["frame"] - 1, form.cleaned_data["text"]
    try:
        note = notes.write_as_guest(take, link, request.POST.get("name", known), frame, text)
    except notes.NoteError as error:
        return _refused(request, link, take, refusal_of(error, take))
    except notes.TooManyNotesError as error:
        return _refused(request, link, take, str(error), status=429)
    except notes.LinkClosedError:
        return _closed(request)
    if not request.htmx:
        response: HttpResponse = redirect(f"{address('guest_scene', link.pk)}#block-{take.block_id}")
    elif note.author_name == known:
        response = _notes(request, link, take)
    else:
        response = HttpResponseClientRefresh()  # the name stands in every form of the page
    _remember(response, link, NAME, quote(note.author_name))
    return response


def _name(request: Request) -> str:
    return unquote(request.COOKIES.get(NAME, ""))


def _refused(request: Request, link: GuestLink, take: Video, error: str, status: int = 200) -> HttpResponse:
    """Show what was typed again, with what is wrong with it."""
    typed = {name: request.POST.get(name, "") for name in ("name", "frame", "text")}
    if request.htmx and status == 200:
        return _notes(request, link, take, error, typed)
    if request.htmx:  # not swapped in: what was typed stays, and requests.js says why
        response = HttpResponse(error, content_type="text/plain; charset=utf-8")
    else:
        blocks = blocks_of(link.scene)
        for row in blocks:
            if row.block.pk == take.block_id:
                row.error, row.typed = error, typed
        response = render(request, "guest/scene.html", _context(request, link, blocks))
    response.status_code = status
    if status == 429:
        response["Retry-After"] = str(int(notes.GUEST_PAUSE.total_seconds()))
    return response


def _notes(
    request: Request, link: GuestLink, take: Video, error: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    """Answer with the notes on one clip."""
    row = GuestBlock(take.block, take, None, list(notes.of(take)), error, typed or {})
    shown = {"link": link, "row": row, "name": _name(request)}
    return render(request, "guest/_notes.html", shown)
