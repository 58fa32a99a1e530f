"""/healthz: can a clip be made now, and if not, why not. For probes, `make run` and operators."""

import json
import time
from collections import Counter
from typing import cast

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from config.broker import connect
from scenes.access import public
from videogen import obstacles
from videogen.models import Worker
from videogen.pipelines import MODELS, chosen, offered

BROKER_SECONDS = 0.5  # a probe must not hang on a broker that took the connection and then froze
PROGRAMS_FRESH_SECONDS = 15  # `make run` freshens its file every five; an older one is of a run that was killed


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where a clip can be made, else 503; with what works and what does not. Nothing private."""
    broker, version = _broker()
    listening, hindrances, database = _workers()
    reasons = [*filter(None, (database, broker)), *hindrances]
    return JsonResponse(
        {
            "status": "unavailable" if reasons else "ok",
            "reasons": reasons,
            "database": {"ok": database is None},
            "broker": {"ok": broker is None, **(version if database is None and _is_operator(request) else {})},
            "workers": {
                "ok": all(listening[queue] for queue in settings.QUEUES),
                "queues": {queue: listening[queue] for queue in settings.QUEUES},
            },
            "models": {makes: _models(makes) for makes in MODELS} if database is None else {},
            **_programs(),
        },
        status=503 if reasons else 200,
    )


def _models(makes: str) -> dict[str, object]:
    choice = chosen(makes)
    return {
        "chosen": choice.model.name,
        "reason": choice.reason,
        "offered": [model.name for model in offered(makes)],
    }


def _workers() -> tuple[Counter[str], list[str], str | None]:
    """Count the living workers of each queue; with them, what hinders jobs, and what is wrong with the database."""
    try:
        listening = Counter(queue for worker in Worker.objects.alive() for queue in set(worker.queues))
        return listening, list(obstacles.found()), None
    except Error:
        return Counter(), [], "The database does not answer, or its tables are not there yet."


def _broker() -> tuple[str | None, dict[str, str]]:
    """Tell what is wrong with the broker, if anything, and its version."""
    with connect(settings.REDIS_URL, BROKER_SECONDS) as broker:
        try:
            told = cast("dict[str, str]", broker.info("server"))
        except RedisError:
            return "The broker does not answer.", {}
    name, key = ("Valkey", "valkey_version") if "valkey_version" in told else ("Redis", "redis_version")
    return None, {"version": f"{name} {told.get(key, '')}".strip()}


def _is_operator(request: HttpRequest) -> bool:
    """Whether somebody of the staff asks; they may know what runs here, and a visitor need not."""
    return request.user.is_active and request.user.is_staff


def _programs() -> dict[str, list[dict[str, object]]]:
    """The programs of `make run` on this machine and how often each was started again; empty where it does not run."""
    file = settings.PROGRAMS_FILE
    try:
        if abs(time.time() - file.stat().st_mtime) > PROGRAMS_FRESH_SECONDS:
            return {}
        programs = json.loads(file.read_text())
        return {"programs": [{key: program[key] for key in ("name", "state", "restarts")} for program in programs]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
