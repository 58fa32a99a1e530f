"""Programs that call the API: one for each person of the tests, and the calls they make."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from accounts.models import ApiToken
from scenes.models import Block
from tests.conftest import picture_file

PROBLEM = "application/problem+json"
VIDEO = {"prompt": "Slow push in.", "duration": 1, "width": 320, "height": 192}
FRAME = {"role": "start", "prompt": "A lamp goes out.", "width": 320, "height": 192}


def program(user: User) -> Client:
    """A program with a token of this person."""
    _, plaintext = ApiToken.issue(user, "test")
    return with_token(plaintext)


def with_token(plaintext: str) -> Client:
    return Client(headers={"authorization": f"Bearer {plaintext}"})


def with_revoked_token(user: User) -> Client:
    _, plaintext = ApiToken.issue(user, "revoked")
    user.api_tokens.filter(name="revoked").update(revoked_at=timezone.now())
    return with_token(plaintext)


def with_expired_token(user: User) -> Client:
    _, plaintext = ApiToken.issue(user, "expired", timezone.now() - timedelta(seconds=1))
    return with_token(plaintext)


def send(client: Client, url: str, body: object, **headers: str) -> Any:
    """POST JSON. headers: with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(url, body, content_type="application/json", headers=named)


def upload(client: Client, url: str, file: object = None, field: str = "image") -> Any:
    """PUT a picture."""
    body = encode_multipart(BOUNDARY, {field: picture_file() if file is None else file})
    return client.put(url, body, content_type=MULTIPART_CONTENT)


def base(block: Block) -> str:
    return f"/api/scenes/{block.scene_id}/blocks/{block.pk}"


def root(block: Block) -> str:
    return f"/api/scenes/{block.scene_id}/blocks"


def rewrite_id(block: Block) -> object:
    """The block's rewrite, or an id of none."""
    row = block.promptrewrites.first()
    return row.pk if row else block.pk


@dataclass(frozen=True)
class Row:
    """A row of the contract. right: what Bob, who may look, lacks for it; empty where looking is enough."""

    name: str
    call: Callable[[Client, Block], HttpResponse]
    success: int
    right: str = ""
    needs: str = ""  # what must be there before it succeeds: "frame", "video", "live frame", "live video" or "rewrite"


GENERATE_FRAME, GENERATE_VIDEO = "scene_block:frame:generate", "scene_block:video:generate"
ROWS = [
    Row("read scene", lambda c, b: c.get(f"/api/scenes/{b.scene_id}"), 200),
    Row(
        "generate frame",
        lambda c, b: send(c, f"{root(b)}/frame", {**FRAME, "blockId": str(b.pk)}),
        202,
        GENERATE_FRAME,
    ),
    Row("upload frame", lambda c, b: upload(c, f"{base(b)}/frames/start"), 201, GENERATE_FRAME),
    Row("read frame", lambda c, b: c.get(f"{base(b)}/frames/start"), 200, needs="frame"),
    Row("delete frame", lambda c, b: c.delete(f"{base(b)}/frames/start"), 204, GENERATE_FRAME, "frame"),
    Row("cancel frame", lambda c, b: c.post(f"{base(b)}/frames/start/cancel"), 200, GENERATE_FRAME, "live frame"),
    Row(
        "generate video",
        lambda c, b: send(c, f"{root(b)}/video", {**VIDEO, "blockId": str(b.pk)}),
        202,
        GENERATE_VIDEO,
        "frame",
    ),
    Row("read video", lambda c, b: c.get(f"{base(b)}/video"), 200, needs="live video"),
    Row("wait for video", lambda c, b: c.get(f"{base(b)}/video?wait=1"), 200, needs="live video"),
    Row("delete video", lambda c, b: c.delete(f"{base(b)}/video"), 204, "scene_block:video:delete", "live video"),
    Row("cancel video", lambda c, b: c.post(f"{base(b)}/video/cancel"), 200, GENERATE_VIDEO, "live video"),
    Row(
        "optimize prompt",
        lambda c, b: send(c, f"{root(b)}/prompt", {"blockId": str(b.pk), "target": "video", "prompt": "Rain."}),
        202,
        GENERATE_VIDEO,
    ),
    Row(
        "read rewrite",
        lambda c, b: c.get(f"{base(b)}/prompts/{rewrite_id(b)}"),
        200,
        needs="rewrite",
    ),
]
