"""Read a picture from a multipart body. Django parses such bodies for POST only."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError

from api.problems import ProblemError
from scenes.uploads import PictureError

OVERHEAD = 64 * 1024  # bytes of a multipart body that are not the picture

DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "title": "FrameUpload",
                    "type": "object",
                    "properties": {"image": {"type": "string", "format": "binary"}},
                    "required": ["image"],
                },
                "encoding": {"image": {"contentType": "image/png, image/jpeg, image/webp"}},
            }
        },
    }
}


def read(request: HttpRequest) -> "UploadedFile[bytes]":
    """Return the file `image`. Raises ProblemError: 411, 413, 415 or 422."""
    if request.content_type != "multipart/form-data":
        raise ProblemError(415, "content_type", "Send the picture as multipart/form-data, in the field image.")
    if "Content-Length" not in request.headers:
        raise ProblemError(411, "length_required", "Send the header Content-Length.")
    _check_length(request)
    try:
        _, found = MultiPartParser(request.META, request, request.upload_handlers, request.encoding or "utf-8").parse()
    except (RequestDataTooBig, TooManyFilesSent):
        raise _too_large() from None
    except UnreadablePostError:
        raise ProblemError(400, "bad_request", "The body ended before it was complete.") from None
    except MultiPartParserError:
        raise ProblemError(422, "multipart_invalid", "The body is not well-formed multipart/form-data.") from None
    file: UploadedFile[bytes] | None = found.get("image")
    if file is None:
        message = "The picture is missing. Send it as a file in the field image."
        raise ProblemError(422, "image_missing", message, errors={"image": message})
    return file


def _check_length(request: HttpRequest) -> None:
    try:
        length = int(request.headers["Content-Length"])
    except ValueError:
        raise ProblemError(411, "length_required", "Content-Length must be a number of bytes.") from None
    if length > settings.UPLOAD_MAX_BYTES + OVERHEAD:
        raise _too_large()


def _too_large() -> ProblemError:
    megabytes = settings.UPLOAD_MAX_BYTES // 2**20
    return ProblemError(413, "image_too_large", f"The picture is too large: at most {megabytes} MB can be taken.")


def problem(error: PictureError, file: "UploadedFile[bytes]") -> ProblemError:
    """Convert a refused picture: too many bytes are 413, whatever is wrong inside is 422; else as the error says."""
    if error.status >= 500:
        return ProblemError(error.status, error.code, str(error), headers={"Retry-After": "10"})
    status = 413 if (file.size or 0) > settings.UPLOAD_MAX_BYTES else error.status
    return ProblemError(status, error.code, str(error), errors={"image": str(error)})
