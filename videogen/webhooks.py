"""Tell the installation's webhook what is done, signed as Standard Webhooks has it, and again until it is taken.

What is to be told stands in the table of deliveries (videogen.models.deliveries); the sweep sends it. A receiver that
answers 2xx has taken it. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
import time
from datetime import timedelta

import httpx2
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from videogen.models import Delivery

logger = logging.getLogger(__name__)

SECONDS = 15.0  # for a receiver to answer, all in all: one that sends a byte now and then would hold the sweep for ever
AT_ONCE_SECONDS = 20.0  # of one round: the sweep has other work to do
LEASE = timedelta(seconds=60)  # after which an attempt counts as lost with its process
# Minutes to wait after each failed attempt; after the last of them it is given up, three days after the first.
PAUSES = (0.1, 1, 5, 30, 120, 300, 600, 840, 1200, 1440)
PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """Return the bytes to sign with: what stands in Base64 behind whsec_, else the text itself."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def sign(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Return the value of the header webhook-signature. timestamp: seconds since 1970."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def deliver() -> int:
    """Send what is due, the oldest first, and stop at the first failure: the rest would fare alike. Returns how many
    were taken.
    """
    if not settings.WEBHOOK_URL:
        return 0
    taken, begun = 0, time.monotonic()
    while time.monotonic() - begun < AT_ONCE_SECONDS:
        delivery = Delivery.objects.due().first()
        if delivery is None:
            break
        if not delivery.claim(LEASE):
            continue
        if error := _send(delivery):
            _put_off(delivery, error)
            break
        Delivery.objects.filter(pk=delivery.pk).update(delivered_at=Now(), error="")
        taken += 1
    return taken


def _send(delivery: Delivery) -> str:
    """Send a message once. Returns why it was not taken, in a sentence for operators; nothing where it was."""
    message_id, now = f"msg_{delivery.pk.hex}", int(time.time())
    headers = {"content-type": "application/json", "webhook-id": message_id, "webhook-timestamp": str(now)}
    if settings.WEBHOOK_SECRET:
        headers["webhook-signature"] = sign(settings.WEBHOOK_SECRET, message_id, now, delivery.body)
    try:
        status = asyncio.run(_post(delivery.body.encode(), headers))
    except TimeoutError:
        return f"The receiver did not answer within {SECONDS:g} seconds."
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        # The words of an error may hold the address, which may hold a key.
        return f"The receiver could not be reached ({type(error).__name__})."
    return "" if 200 <= status < 300 else f"The receiver answered with HTTP {status}."


async def _post(body: bytes, headers: dict[str, str]) -> int:
    """Return the status of the answer; nothing else of it is read. A redirect is no answer: the operator named one
    address.
    """
    async with (
        asyncio.timeout(SECONDS),
        httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False) as client,
        client.stream("POST", settings.WEBHOOK_URL, content=body, headers=headers) as answer,
    ):
        return answer.status_code


def _put_off(delivery: Delivery, error: str) -> None:
    logger.warning("A webhook was not taken at attempt %d: %s", delivery.attempts, error)
    row = Delivery.objects.filter(pk=delivery.pk)
    if delivery.attempts > len(PAUSES):
        row.update(given_up_at=Now(), error=error)
    else:
        due = timezone.now() + timedelta(minutes=PAUSES[delivery.attempts - 1])
        row.update(due_at=due, error=error)
