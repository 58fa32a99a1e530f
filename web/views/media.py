"""Send the files of frames and clips to whoever may see the scene, whole or in ranges, without reading them into
memory.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import Block
from videogen.errors import StorageAwayError
from videogen.media import storage
from videogen.models import Status
from web import cache_control

CHUNK = 256 * 1024  # bytes
_TYPES = {
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".zip": "application/zip",
    ".otioz": "application/zip",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt; charset=utf-8",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Slice:
    """Iterate over the next `length` bytes of an open file in chunks; close the file at the end."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Called by Django when the answer is sent or the visitor has gone."""
        self._file.close()


class UnsatisfiableError(ValueError):
    """The range lies outside of the file."""


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte of a single range; None where the header is none that we serve, which means the whole.

    Raises UnsatisfiableError. RFC 9110 section 14.2 leaves several ranges and unknown units to the server.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        if int(last) == 0 or size == 0:
            raise UnsatisfiableError
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return int(first), min(int(last), size - 1) if last else size - 1


def _asked_range(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    header = request.headers.get("Range", "")
    # If-Range: a part is of use only while the rest the browser holds is of the same file.
    fresh = request.headers.get("If-Range", etag).strip() == etag
    return read_range(header, size) if header and fresh and request.method == "GET" else None


def serve(request: HttpRequest, field: FieldFile, *, etag: str, size: int, download: str = "") -> HttpResponseBase:
    """Answer with a file of a row. `etag`: without quotes; changes with the bytes. `download`: a name to save it under.

    size: bytes. From a bucket that browsers reach, the answer is a redirect to the bucket (docs/decisions/0015).
    """
    content_type = _content_type(field)
    disposition = content_disposition_header(True, download) or "" if download else ""
    etag = quote_etag(etag)
    response = _conditional(request, etag)
    if response is None:
        url = storage.signed_url(
            field, method=request.method or "GET", content_type=content_type, disposition=disposition
        )
        if url:
            return _redirect(url)
        response = _body(request, field, etag, size)
    if response.status_code in (200, 206):
        response["Content-Type"] = content_type
        response["Accept-Ranges"] = "bytes"
        if disposition:
            response["Content-Disposition"] = disposition
    return _marked(response, etag, cache_control.ASK_FIRST)


def serve_small(request: HttpRequest, field: FieldFile, *, etag: str) -> HttpResponseBase:
    """Answer with a small picture of a row, whole, wherever it is stored. Browsers keep it for minutes."""
    content_type = _content_type(field)
    etag = quote_etag(etag)
    response = _conditional(request, etag) or _accelerated(field) or _whole(request, field)
    if response.status_code == 200:
        response["Content-Type"] = content_type
    return _marked(response, etag, cache_control.BRIEFLY)


def _content_type(field: FieldFile) -> str:
    name = field.name or ""
    content_type = next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), "")
    if not content_type:
        raise Http404("No such file.")
    return content_type


def _marked(response: HttpResponseBase, etag: str, cache: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _conditional(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    answer = get_conditional_response(request, etag=etag)
    return answer if isinstance(answer, HttpResponseBase) else None


def _redirect(url: str) -> HttpResponseBase:
    # Never kept, and without the ETag: a browser that kept it would be told 304 later and follow it when it is no good.
    return HttpResponseRedirect(url, headers={"Cache-Control": cache_control.NEVER})


def _accelerated(field: FieldFile) -> HttpResponseBase | None:
    """Have nginx send the file, ranges included; the path is inside its internal location."""
    if not settings.X_ACCEL_REDIRECT:
        return None
    location = f"{settings.X_ACCEL_REDIRECT.rstrip('/')}/{quote(field.name or '')}"
    return HttpResponse(headers={"X-Accel-Redirect": location})


def _whole(request: HttpRequest, field: FieldFile) -> HttpResponseBase:
    # Read at once, so that no file stays open for as long as the visitor takes.
    try:
        with field.storage.open(field.name or "", "rb") as file:
            return HttpResponse(file.read())
    except StorageAwayError:
        raise  # a 503: the picture is not gone
    except OSError:
        raise Http404("The file is gone.") from None


def _body(request: HttpRequest, field: FieldFile, etag: str, size: int) -> HttpResponseBase:
    if accelerated := _accelerated(field):
        return accelerated
    try:
        asked = _asked_range(request, etag, size)
    except UnsatisfiableError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = asked or (0, size - 1)
    length = last - first + 1
    headers = {"Content-Length": str(length)}
    if asked:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    try:
        file = storage.open_part(field, first, length)
    except StorageAwayError:
        raise
    except OSError:
        raise Http404("The file is gone.") from None
    return StreamingHttpResponse(Slice(file, length), status=206 if asked else 200, headers=headers)


def _title(block: Block) -> str:
    return f"{slugify(block.scene.title, allow_unicode=True) or 'scene'}-{block.number}"


@require_safe
@access.for_programs
@access.material
def clip_file(request: HttpRequest, block: Block, video_id: UUID) -> HttpResponseBase:
    """Send a take's file; `?download` saves it under the scene's name."""
    video = get_object_or_404(block.videos, pk=video_id, status=Status.SUCCEEDED)
    download = f"{_title(block)}.mp4" if "download" in request.GET else ""
    return serve(request, video.file, etag=video.sha256, size=video.size, download=download)


@require_safe
@access.for_programs
@access.material
def clip_poster(request: HttpRequest, block: Block, video_id: UUID) -> HttpResponseBase:
    """Send the small first picture of a take."""
    video = get_object_or_404(block.videos, pk=video_id, status=Status.SUCCEEDED)
    return serve_small(request, video.poster, etag=f"{video.sha256}-poster")


@require_safe
@access.block()
def clip_preview(request: HttpRequest, block: Block, video_id: UUID) -> HttpResponseBase:
    """Send the small picture of a clip that is being made; its address carries the name, so that each is another."""
    video = get_object_or_404(block.videos.exclude(preview=""), pk=video_id, status=Status.RUNNING)
    return serve_small(request, video.preview, etag=video.preview_key)


@require_safe
@access.for_programs
@access.material
def frame_picture(request: HttpRequest, block: Block, frame_id: UUID) -> HttpResponseBase:
    """Send a frame at full size."""
    frame = get_object_or_404(block.frames, pk=frame_id, status=Status.SUCCEEDED)
    suffix = PurePath(frame.file.name or "").suffix
    download = f"{_title(block)}-{frame.role}{suffix}" if "download" in request.GET else ""
    return serve(request, frame.file, etag=frame.sha256, size=frame.size, download=download)


@require_safe
@access.for_programs
@access.material
def frame_thumbnail(request: HttpRequest, block: Block, frame_id: UUID) -> HttpResponseBase:
    """Send a frame in small."""
    frame = get_object_or_404(block.frames, pk=frame_id, status=Status.SUCCEEDED)
    return serve_small(request, frame.poster, etag=f"{frame.sha256}-poster")
