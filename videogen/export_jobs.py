"""Ask for exports, and delete them: the same road for the pages and the API."""

import hashlib
import json

from django.contrib.auth.models import User
from django.db import transaction

from scenes.models import Film, Scene
from videogen import actions
from videogen.errors import ActionError
from videogen.exports import fonts
from videogen.exports.formats import FORMATS
from videogen.exports.shots import cut_of
from videogen.exports.spec import ExportSpec
from videogen.models import LIVE, Export
from videogen.specs import SpecError


class NothingToExportError(ActionError):
    """The film or scene has nothing that the format could hold."""

    code = "nothing_to_export"


def queue_export(target: Film | Scene, spec: ExportSpec, by: User) -> Export:
    """Queue a film or scene, as it is now, as a file to take home.

    Raises SpecError, NothingToExportError, AlreadyRunningError or QuotaError.
    """
    cut, written = cut_of(target, spec, by), FORMATS[spec.format]
    if not cut.shots:
        raise NothingToExportError("There is nothing to export yet: write a block, or make a clip.")
    if written.needs_clips and not any(shot.take for shot in cut.shots):
        raise NothingToExportError("There is no clip to export yet. Make one first, or choose another format.")
    captions = {shot.caption for shot in cut.shots}
    if written.needs_lines and not any(captions):
        raise NothingToExportError("Nobody speaks here yet, so there are no captions. Write a line of dialog first.")
    if spec.format == "mp4" and spec.captions == "burned" and (signs := fonts.missing(*sorted(captions))[:8]):
        sentence = f"No font here can draw “{signs}”. Choose captions as a track, or ask the operator for a font."
        raise SpecError({"captions": sentence})
    film, scene = (target.film, target) if isinstance(target, Scene) else (target, None)
    frozen = {"spec": spec.to_json(), "cut": cut.model_dump(mode="json")}
    export = Export(
        film=film,
        scene=scene,
        title=f"{film.title} - {scene.title}" if scene else cut.film,
        requested_by=by,
        model=spec.format,
        **frozen,
        fingerprint=hashlib.sha256(json.dumps(frozen, sort_keys=True).encode()).hexdigest(),
        scene_ids=sorted({shot.scene_id for shot in cut.shots}),
        pixel_steps=written.size(cut, spec),
    )
    return actions.queue_row(None, by, lambda: export)


def delete_export(export: Export, by: User) -> None:
    """Delete an export and its file; one that is being made is stopped first."""
    with transaction.atomic():
        if export.status in LIVE:
            export.cancel(by)
        export.deleted_by = by
        export.delete()  # with its file, see videogen.deletion
