"""The same call twice makes one thing: keys that programs send, and what their first call made."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from videogen import quotas
from videogen.errors import ActionError
from videogen.models import KINDS, IdempotencyKey, Job

Row = TypeVar("Row", bound=Job)

_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


class KeyInvalidError(ActionError):
    """The header holds no key."""

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
    """The key of a request, None where none is sent. Raises KeyInvalidError."""
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        raise KeyInvalidError
    return header


def fingerprint(address: str, values: dict[str, object]) -> str:
    """A hash of what is asked for; how the JSON was written does not matter."""
    text = json.dumps([address, values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def once(user: User, key: str, asked: str, make: Callable[[], Row]) -> tuple[Row, bool]:
    """What `make` makes, or what the first call with this key made; and whether it was made before.

    asked: the fingerprint. Raises KeyReusedError, MadeIsGoneError, and whatever `make` raises (the key stays unused).
    """
    with transaction.atomic():
        quotas.take_turn(user)
        IdempotencyKey.objects.filter(created_at__lt=timezone.now() - IdempotencyKey.LIFE).delete()
        known = IdempotencyKey.objects.filter(user=user, key=key).first()
        if known is not None:
            return _again(known, asked), True
        row = make()
        IdempotencyKey.objects.create(user=user, key=key, fingerprint=asked, kind=row.KIND, generation_id=row.pk)
    return row, False


def _again(known: IdempotencyKey, asked: str) -> Any:
    if known.fingerprint != asked:
        raise KeyReusedError
    row = KINDS[known.kind].objects.filter(pk=known.generation_id).first()
    if row is None:
        raise MadeIsGoneError
    return row
