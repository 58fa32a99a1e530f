"""Which release the tables belong to. After a rollback the older program must not work on a newer database."""

from collections.abc import Iterable
from typing import Any

from celery import signals
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# Those of libraries do not count: a library that joins its migrations into one forgets the names of the old ones.
OURS = {"accounts", "scenes", "videogen"}
SHOWN = 3  # migrations named in a sentence


def refusal(alias: str = DEFAULT_DB_ALIAS) -> str:
    """Say why this release cannot work on the database, which a newer one has migrated; nothing where it can.

    A database that does not answer says nothing either: /healthz tells of it, and the programs wait for it.
    """
    try:
        applied = set(MigrationRecorder(connections[alias]).applied_migrations())
    except DatabaseError:
        return ""
    unknown = unknown_of(migration for migration in applied if migration[0] in OURS)
    if not unknown:
        return ""
    return (
        f"The database belongs to a newer release: this one does not know {unknown}. "
        "Install that release again, or restore the backup that was made before the upgrade (docs/operations.md)."
    )


def unknown_of(migrations: Iterable[tuple[str, str]]) -> str:
    """Name the first of the migrations, (app, name), that this release does not know, and count the others.

    Empty where it knows them all; those that another one has replaced are known.
    """
    disk = MigrationLoader(None).disk_migrations
    known = set(disk).union(*(migration.replaces for migration in disk.values()))
    unknown = sorted(f"{app}.{name}" for app, name in set(migrations) - known)
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    return ", ".join(unknown[:SHOWN]) + more


@register(Tags.database)
def database_is_not_newer(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E011: check that no newer release has migrated the database. `manage.py migrate` asks as well."""
    return [Error(reason, id="storyreel.E011") for alias in databases or () if (reason := refusal(alias))]


def refuse_newer(**kwargs: Any) -> None:
    """End a program that starts on a newer database, in a sentence."""
    reason = refusal()
    connections.close_all()
    if reason:
        raise SystemExit(reason)


signals.celeryd_after_setup.connect(refuse_newer)
signals.beat_init.connect(refuse_newer)
