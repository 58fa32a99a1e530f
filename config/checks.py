"""System checks: what `manage.py check` refuses, each with an id and a hint."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

from config.private_files import forbidden, is_open
from videogen.pipelines import shortcuts
from videogen.pipelines.choice import explicit
from videogen.pipelines.config import Lora
from videogen.pipelines.registry import MODELS

BROKER_SCHEMES = ("redis", "rediss", "redis+socket", "unix")


@register(Tags.security)
def routes_have_a_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: check that every route names who may pass it."""
    return [
        Error(
            f"The route {route!r} does not say who may pass it.",
            hint="Decorate its view with one of scenes.access: public, signed_in, scene(right), block(right).",
            id="storyreel.E001",
        )
        for route in dict.fromkeys(unmarked_routes(get_resolver().url_patterns))
    ]


def unmarked_routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Yield the routes below `patterns` whose view carries no `access_policy`."""
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":  # the admin site asks for staff rights itself, on every route
                yield from unmarked_routes(pattern.url_patterns, route)
        else:
            yield from (f"{verb}{route}" for verb, view in _views(pattern) if not hasattr(view, "access_policy"))


def _views(pattern: URLPattern) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the callables behind a route with their verbs: one, or with django-ninja one for each operation."""
    path_view = _path_view(pattern.callback)
    if path_view is None:
        # the document and the human page of an API are functools.partial objects around ninja's own views
        yield "", getattr(pattern.callback, "func", pattern.callback)
        return
    for operation in path_view.operations:
        yield f"{' '.join(operation.methods)} ", operation.view_func


def _path_view(callback: Callable[..., Any]) -> PathView | None:
    """Return the PathView behind a callback: django-ninja serves a path by a closure over it."""
    cells = (cell.cell_contents for cell in getattr(callback, "__closure__", None) or ())
    return next((content for content in cells if isinstance(content, PathView)), None)


@register(Tags.files)
def var_dir_is_writable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002: check that VAR_DIR can be written."""
    folder = settings.VAR_DIR
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"VAR_DIR is {folder}, where this user cannot write.",
            hint="Set VAR_DIR to a folder of the user that runs Storyreel.",
            id="storyreel.E002",
        )
    ]


@register(Tags.security)
def files_are_private(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E010: check that no other account of the machine reads what the program writes.

    The database holds the keys of sessions: who reads it is whoever is signed in.
    """
    bits = forbidden(settings.GROUP_READABLE)
    database = Path(str(settings.DATABASES["default"]["NAME"])) if settings.DATABASE_IS_SQLITE else settings.VAR_DIR
    paths = [settings.VAR_DIR] if database.is_relative_to(settings.VAR_DIR) else [settings.VAR_DIR, database]
    return [
        Error(
            f"Other accounts of this machine may open {path}: its mode is {stat.S_IMODE(path.stat().st_mode):o}.",
            hint=f"chmod -R {'g-w,o=' if settings.GROUP_READABLE else 'go='} {path}"
            + ("" if settings.GROUP_READABLE else ", or set GROUP_READABLE=1 where a web server sends media itself."),
            id="storyreel.E010",
        )
        for path in paths
        if is_open(path, bits)
    ]


@register()
def broker_is_redis(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E003: check that REDIS_URL names a Redis or Valkey."""
    scheme = urlsplit(settings.REDIS_URL).scheme
    if scheme in BROKER_SCHEMES:
        return []
    return [
        Error(
            f"REDIS_URL begins with {scheme or 'nothing'!r}.",
            hint="Use redis://host:6379/0, rediss://host:6379/0 or redis+socket:///path/to/socket, or leave it out.",
            id="storyreel.E003",
        )
    ]


@register(Tags.security)
def broker_elsewhere_is_closed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W003: warn where anybody on the network could read and write the messages to the workers."""
    address = urlsplit(settings.REDIS_URL)
    if address.scheme not in ("redis", "rediss") or is_here(address.hostname):
        return []
    lacks = [] if address.password else ["no password"]
    lacks += [] if address.scheme == "rediss" else ["no TLS"]
    if not lacks:
        return []
    return [
        checks.Warning(
            f"The Redis at {address.hostname} is reached with {' and '.join(lacks)}: "
            "whoever shares the network can wake and stall workers, or read along.",
            hint="Set REDIS_URL=rediss://:password@host:6379/0.",
            id="storyreel.W003",
        )
    ]


def is_here(hostname: str | None) -> bool:
    """Whether a name or address can only mean this machine."""
    try:
        return hostname in (None, "localhost") or ip_address(str(hostname)).is_loopback
    except ValueError:
        return False


@register()
def lease_outlives_heartbeats(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E004: check that a worker may miss a heartbeat without losing its job."""
    least = 2 * settings.HEARTBEAT_SECONDS
    if least <= settings.LEASE_SECONDS:
        return []
    return [
        Error(
            f"LEASE_SECONDS is {settings.LEASE_SECONDS}, but a worker renews its lease every "
            f"{settings.HEARTBEAT_SECONDS} s: jobs would be taken from workers that are alive.",
            hint=f"Set LEASE_SECONDS to {least} or more; 60 is the default.",
            id="storyreel.E004",
        )
    ]


@register(Tags.security)
def public_url_is_an_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E005: check PUBLIC_URL, which printed links begin with."""
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme in ("http", "https") and parts.hostname and not (parts.path or parts.query or parts.fragment):
        return []
    return [
        Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL!r}.",
            hint="Give the scheme and host that people type, without a path: https://storyreel.example.org",
            id="storyreel.E005",
        )
    ]


@register()
def webhook_is_an_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E012: check that what is done can be told to the webhook. Its address may hold a key, and is not repeated."""
    address = urlsplit(settings.WEBHOOK_URL)
    if not settings.WEBHOOK_URL or (address.scheme in ("http", "https") and address.hostname):
        return []
    hint = "Give the whole address, for example https://hooks.example.org/storyreel; or leave it out."
    return [Error("WEBHOOK_URL is no address that begins with http.", hint=hint, id="storyreel.E012")]


@register()
def prompt_model_is_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E007: check that a language model has an address and a name, or neither."""
    address, model = urlsplit(settings.PROMPT_LLM_URL), settings.PROMPT_LLM_MODEL
    wanted = settings.PROMPT_OPTIMIZER == "llm" or bool(settings.PROMPT_LLM_URL)
    if not wanted or (address.scheme in ("http", "https") and address.hostname and model):
        return []
    return [
        Error(
            f"Optimize Prompt is to ask a language model, but PROMPT_LLM_URL is {settings.PROMPT_LLM_URL!r} and "
            f"PROMPT_LLM_MODEL is {model!r}.",
            hint="Set both, for example http://localhost:11434/v1 and qwen3:8b; or leave both out.",
            id="storyreel.E007",
        )
    ]


@register()
def models_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E008: check that the models and the device that are named exist."""
    errors: list[CheckMessage] = []
    for makes in MODELS:
        try:
            explicit(makes)
        except ImproperlyConfigured as error:
            errors.append(Error(str(error), hint="manage.py models lists them.", id="storyreel.E008"))
    try:
        Lora.parse_all(settings.LTX_LORAS)
    except ImproperlyConfigured as error:
        hint = "For example: dolly in=/srv/loras/dolly-in.safetensors@0.8, ink=studio/ink-lora:ink.safetensors"
        errors.append(Error(str(error), hint=hint, id="storyreel.E008"))
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", settings.DEVICE):
        errors.append(
            Error(
                f"DEVICE must be auto, cpu, cuda or cuda: and a number; got {settings.DEVICE!r}.",
                hint="Leave it out to compute on the GPU where there is one.",
                id="storyreel.E008",
            )
        )
    return errors


@register()
def shortcuts_go_together(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E011: check that what makes clips faster goes with the mode of memory. Whether a card can is its worker's say."""
    wrong = shortcuts.contradiction(settings.LTX_FP8, settings.LTX_SKIP_STEP, settings.MEMORY_MODE)
    hint = "Leave one of the two out; docs/gpu.md tells what each does."
    return [Error(wrong, hint=hint, id="storyreel.E011")] if wrong else []


@register(Tags.files)
def bucket_can_be_used(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E009: check that addresses in the bucket can be signed, and that nginx is not told to send its files.

    Makes no request to the bucket.
    """
    if not settings.S3_BUCKET:
        return []
    found: list[CheckMessage] = []
    if settings.X_ACCEL_REDIRECT:
        found.append(
            Error(
                "X_ACCEL_REDIRECT has nginx send files of VAR_DIR/media, but S3_BUCKET keeps them in a bucket.",
                hint="Leave one of the two out.",
                id="storyreel.E009",
            )
        )
    try:
        origin = urlsplit(str(cast("Any", default_storage).origin))  # a videogen.media.bucket.Bucket
    except Exception as error:  # of Django, boto3 or the library between them
        return [
            *found,
            Error(
                f"The bucket {settings.S3_BUCKET!r} cannot be used: {error}",
                hint="Install the extra studio. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, and "
                "AWS_ENDPOINT_URL_S3 where the bucket is not Amazon's.",
                id="storyreel.E009",
            ),
        ]
    if origin.scheme == "http" and urlsplit(settings.PUBLIC_URL).scheme == "https" and not settings.S3_PASS_THROUGH:
        found.append(
            checks.Warning(
                f"Pages are sent by https, but browsers would be sent to {origin.geturl()} for clips, and refuse that.",
                hint="Give the bucket an https address in AWS_ENDPOINT_URL_S3, or set S3_PASS_THROUGH=1.",
                id="storyreel.W002",
            )
        )
    return found


@register(Tags.security, deploy=True)
def hosts_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W004: warn where the site answers to any name, which a visitor then chooses for the links it writes."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        checks.Warning(
            "ALLOWED_HOSTS is *: the site answers to any name that a visitor sends.",
            hint="Name the hosts that people use: ALLOWED_HOSTS=storyreel.example.org",
            id="storyreel.W004",
        )
    ]


@register(Tags.security, deploy=True)
def prompts_travel_encrypted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W005: warn where prompts, and the key of the language model, go to another machine unencrypted."""
    address = urlsplit(settings.PROMPT_LLM_URL)
    if address.scheme != "http" or is_here(address.hostname):
        return []
    return [
        checks.Warning(
            f"PROMPT_LLM_URL sends prompts, and PROMPT_LLM_KEY, to {address.hostname} unencrypted.",
            hint="Give the language model an https address.",
            id="storyreel.W005",
        )
    ]


@register(Tags.security, deploy=True)
def others_reach_it_by_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001: warn where sign-in links and tokens travel unencrypted."""
    if urlsplit(settings.PUBLIC_URL).scheme == "https":
        return []
    return [
        checks.Warning(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: passwords, sign-in links and tokens travel unencrypted.",
            hint="Put a proxy that speaks https in front, set BEHIND_TLS=1 and PUBLIC_URL=https://...",
            id="storyreel.W001",
        )
    ]


@register(Tags.security)
def plain_http_stays_on_this_machine(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W010: warn where other machines reach the web server itself, without a proxy that speaks TLS."""
    if settings.BEHIND_TLS or _is_loopback(settings.HOST):
        return []
    return [
        checks.Warning(
            f"HOST is {settings.HOST}: other machines reach the web server in plain http, passwords and all.",
            hint="Leave HOST out, or put a proxy that speaks https in front and set BEHIND_TLS=1.",
            id="storyreel.W010",
        )
    ]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
