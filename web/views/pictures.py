"""The pictures of a scene's location and characters, for whoever may see the scene."""

import logging
from uuid import UUID

from django.db.models import Q
from django.db.models.fields.files import ImageFieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from scenes import access, decoding, thumbnails
from scenes.models import Character, Scene
from videogen.errors import StorageAwayError
from web import cache_control

logger = logging.getLogger(__name__)


@require_safe
@access.scene()
def location_picture(request: HttpRequest, scene: Scene) -> HttpResponseBase:
    """Send the picture of the location; `?size=small` or `large`."""
    if scene.location is None:
        raise Http404("The scene has no location.")
    return send(request, scene.location.image, default="small")


@require_safe
@access.scene()
def portrait(request: HttpRequest, scene: Scene, character_id: UUID) -> HttpResponseBase:
    """Send the portrait of a character; `?size=face`, `small` or `large`."""
    cast = Character.objects.filter(Q(scenes=scene) | Q(lines__scene=scene)).distinct()
    return send(request, get_object_or_404(cast, pk=character_id).portrait, default="face")


def send(request: HttpRequest, picture: ImageFieldFile, *, default: str) -> HttpResponseBase:
    """Answer with a picture in the size that the address names. Raises Http404 for one that is not there."""
    size = request.GET.get("size", default)
    if not picture or size not in thumbnails.SIZES:
        raise Http404("No such picture.")
    try:
        etag = quote_etag(thumbnails.key(picture, size))
        response = _unchanged(request, etag) or HttpResponse(
            thumbnails.thumbnail(picture, size), content_type="image/webp"
        )
    except decoding.BusyError as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
    except StorageAwayError:
        raise  # a 503: the picture is not gone
    except (thumbnails.ThumbnailError, OSError) as error:
        logger.warning("A picture cannot be shown: %s", error)
        raise Http404("The picture cannot be shown.") from None
    response["ETag"] = etag
    response["Cache-Control"] = cache_control.BRIEFLY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _unchanged(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    return get_conditional_response(request, etag=etag)
