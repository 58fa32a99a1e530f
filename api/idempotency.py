"""Idempotency keys: the same call with the same key makes one thing."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from videogen.errors import ActionError
from videogen.models import KINDS, Batch, IdempotencyKey, Job

Row = TypeVar("Row", bound=Job | Batch)
MADE: dict[str, type[Job] | type[Batch]] = {**KINDS, Batch.KIND: Batch}

_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


class KeyInvalidError(ActionError):
    """The header holds no valid key."""

    code = "idempotency_key_invalid"

    def __init__(self) -> None:
        super().__init__("Idempotency-Key must have 1 to 200 visible ASCII characters, without spaces.")


class KeyReusedError(ActionError):
    """The key was used for another call."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used within 24 hours for another request. Take a new key.")


class MadeIsGoneError(ActionError):
    """What the first call made was deleted since."""

    code = "idempotency_resource_gone"

    def __init__(self) -> None:
        super().__init__("What this Idempotency-Key made has been deleted. Take a new key to make it again.")


def read_key(header: str | None) -> str | None:
    """Validate the header's key; None where none is sent. Raises KeyInvalidError."""
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        raise KeyInvalidError
    return header


def fingerprint(address: str, values: dict[str, object]) -> str:
    """Hash what is asked for; how the JSON was written does not matter."""
    text = json.dumps([address, values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def once(user: User, key: str, asked: str, make: Callable[[], Row]) -> tuple[Row, bool]:
    """Call `make` once for each key of a person. Returns the row, and whether an earlier call made it.

    asked: the fingerprint. Raises KeyReusedError, MadeIsGoneError, and whatever `make` raises (the key stays unused).
    """
    with transaction.atomic():
        IdempotencyKey.objects.filter(created_at__lt=timezone.now() - IdempotencyKey.LIFE).delete()
        # The unique key makes a second call at the same moment wait here until the first one is over.
        known, is_new = IdempotencyKey.objects.get_or_create(
            user=user, key=key, defaults={"fingerprint": asked, "kind": "", "generation_id": uuid4()}
        )
        if not is_new:
            return _again(known, asked), True
        row = make()
        known.kind, known.generation_id = row.KIND, row.pk
        known.save(update_fields=["kind", "generation_id"])
    return row, False


def _again(known: IdempotencyKey, asked: str) -> Any:
    if known.fingerprint != asked:
        raise KeyReusedError
    row = MADE[known.kind].objects.filter(pk=known.generation_id).first()
    if row is None:
        raise MadeIsGoneError
    return row
