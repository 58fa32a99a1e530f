"""What goes with a job that is deleted, whoever deletes it: its files; what stays: a last event in its history.

The rows of a block or a scene are deleted by Django itself, from the console or a shell, and there a signal is the one
thing that it calls for each of them (docs/decisions/0055).
"""

from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import pre_delete

from videogen import review
from videogen.media import storage
from videogen.models import KINDS, Export, Job, MediaGeneration, Video


def settle(instance: Job, origin: object = None, **kwargs: Any) -> None:
    """Write the last event of a row and have its files removed, once its deletion can no longer be undone.

    The row is read anew: a worker may have finished it since it was read for deletion. Its block is locked first, as
    whoever publishes a result does. origin: what was asked to be deleted. A locked take is not, whoever asks: raises
    LockedError; with its block or scene it goes.
    """
    instance.lock_place()
    row = instance.rows().select_for_update().filter(pk=instance.pk).first()
    if row is None:  # somebody else deletes it
        return
    if isinstance(row, Video) and _is_of(origin, Video):
        review.check_unlocked(row)
    if isinstance(row, MediaGeneration | Export):
        storage.remove_on_commit(row)
    row.record_deletion(instance.deleted_by)


def _is_of(origin: object, kind: type[Job]) -> bool:
    return isinstance(origin, kind) or (isinstance(origin, QuerySet) and origin.model is kind)


def begin() -> None:
    """Settle every deletion from now on. Called once, when the applications are ready."""
    for kind in KINDS.values():
        pre_delete.connect(settle, sender=kind, dispatch_uid=f"settle {kind.KIND}")
