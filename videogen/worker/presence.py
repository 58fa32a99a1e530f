"""What a Celery worker tells about itself, and how it is told to stop.

The parent process of a worker answers the signals here; its one child does the work. Children never see Celery's
shutdown signal, so the parent raises a flag: a file that the child's step callback looks for.
"""

import logging
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from platform import node
from typing import Any

from celery import signals
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models.functions import Now
from django.utils import timezone

from videogen import pipelines
from videogen.media import storage
from videogen.models import QUEUES, Worker
from videogen.pipelines import choice
from videogen.pipelines.weights import installed
from videogen.worker import transport, watch

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0

_watch: watch.Watch | None = None  # of this process, where it is the parent of one that computes

MAKES = {"frames": "frame", "videos": "video"}  # what the jobs of a queue ask for


def identity(hostname: str) -> str:
    """Return the name of a worker from inside its child: the same for a replacement, another for a new parent."""
    return f"{hostname}/{os.getppid()}"


def parent_identity(hostname: str) -> str:
    """Return the same name from inside the parent."""
    return f"{hostname}/{os.getpid()}"


def _flag(parent: int) -> Path:
    # with the machine: VAR_DIR may be shared, and in each container the parent is process 1
    return Path(settings.VAR_DIR) / "run" / f"draining-{node()}-{parent}"


def drain(parent: int) -> None:
    """Raise the flag of a worker that is to stop."""
    flag = _flag(parent)
    with suppress(OSError):  # a disk that is full; the child is ended all the same
        flag.parent.mkdir(parents=True, exist_ok=True)
        flag.touch()


def is_draining() -> bool:
    """Whether the worker this child belongs to is shutting down."""
    return _flag(os.getppid()).exists()


def offers() -> frozenset[str]:
    """Return the names of the models with weights that living workers can run."""
    return frozenset(name for worker in Worker.objects.alive() for name in worker.offers)


choice.ask_workers_by(offers)


def missing_model(queues: set[str]) -> str | None:
    """Return why a worker of these queues cannot run the model that a setting names; None where it can."""
    for makes in (MAKES[queue] for queue in sorted(queues & MAKES.keys())):
        named = choice.explicit(makes)
        if named is not None and (trouble := choice.problem(named)):
            return f"{choice.SETTING[makes]} is {named.name}. {trouble}"
    return None


@signals.celeryd_after_setup.connect
def refuse_wrong_start(sender: str, instance: Any, conf: Any, **kwargs: Any) -> None:
    """Refuse to start with more than one process on a device, or without the model it is to run."""
    computes = set(instance.app.amqp.queues.consume_from) & set(QUEUES)
    if computes and (instance.concurrency or conf.worker_concurrency) != 1:
        raise SystemExit(
            f"This worker would run {instance.concurrency} jobs at once on one device. "
            f"Start it with --concurrency 1, and one worker for each device."
        )
    if trouble := missing_model(computes):
        raise SystemExit(f"This worker cannot make anything. {trouble}")


@signals.worker_ready.connect
def introduce(sender: Any, **kwargs: Any) -> None:
    """Enter this worker in the list and keep its entry fresh."""
    _flag(os.getpid()).unlink(missing_ok=True)
    queues = sorted(sender.app.amqp.queues.consume_from)
    told = {"device": installed.gpu() or "CPU", "offers": _offered_by(set(queues)), "loaded": ""}
    entry = {"queues": queues, "pid": os.getpid(), **told, "started_at": timezone.now()}
    say_alive(sender.hostname, entry)
    sender.timer.call_repeatedly(BEAT_SECONDS, say_alive, (sender.hostname, entry))
    global _watch
    _watch = watch.Watch(sender, parent_identity(sender.hostname))
    _watch.begin()
    sender.app.send_task("videogen.tasks.reconcile", queue="sweep")


def _offered_by(queues: set[str]) -> list[str]:
    models = [model for queue in queues & MAKES.keys() for model in pipelines.MODELS[MAKES[queue]]]
    return sorted(choice.runnable_here() & set(models))


def say_alive(name: str, entry: dict[str, Any]) -> None:
    """Refresh this worker's entry; write it where there is none: at first, and after somebody deleted it."""
    close_old_connections()
    now = {"seen_at": Now(), "dropped_messages": transport.dropped_messages(), "trouble": storage.trouble()}
    now["memory_free"] = installed.free_memory()
    try:
        if not Worker.objects.filter(name=name, pid=entry["pid"]).update(**now):
            Worker.objects.update_or_create(name=name, defaults={**entry, **now})
    except DatabaseError as error:
        logger.warning("Worker %s could not say that it is alive: %s", name, error)


@signals.worker_shutting_down.connect
def raise_flag(**kwargs: Any) -> None:
    """Tell the child to put its job back, and see to it. Called inside a signal handler: it does no more than this."""
    drain(os.getpid())
    if _watch is not None:
        _watch.end_child_within_grace(partial(_leave_at_once, _watch.hostname))


def _leave_at_once(hostname: str) -> None:
    _remove_entry(hostname)
    os._exit(0)


@signals.worker_shutdown.connect
def leave(sender: Any, **kwargs: Any) -> None:
    """Remove this worker from the list."""
    _remove_entry(sender.hostname)


def _remove_entry(hostname: str) -> None:
    _flag(os.getpid()).unlink(missing_ok=True)
    try:
        Worker.objects.filter(pid=os.getpid(), name=hostname).delete()
    except DatabaseError as error:
        logger.warning("The worker's entry could not be removed (it will fall silent instead): %s", error)
