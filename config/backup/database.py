"""The database of a backup: one file, consistent, taken while the programs run."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

from config.backup.errors import BackupError

DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}


def dump_name() -> str:
    """Return the name of the dump that the database in use makes and reads."""
    return DUMPS[connection.vendor]


def dump(target: Path) -> None:
    """Write the database as it is at one moment to `target`. Writers go on meanwhile. Raises BackupError."""
    if connection.vendor == "sqlite":
        _copy_sqlite(connection.settings_dict["NAME"], target)
    else:
        _run_tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(source: Path) -> None:
    """Fill the empty database in use from a dump. Raises BackupError."""
    if connection.vendor == "sqlite":
        connection.close()
        _copy_sqlite(source, connection.settings_dict["NAME"])
    else:
        _run_tool("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source))


def _copy_sqlite(source: Path | str, target: Path | str) -> None:
    """Copy with SQLite's online backup: a plain copy of the file would miss what still is in the write-ahead log."""
    try:
        with closing(sqlite3.connect(source, timeout=20)) as there, closing(sqlite3.connect(target)) as copy:
            there.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole without a -wal beside it
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupError(f"SQLite could not copy the database: {error}.") from error
    if verdict != "ok":
        raise BackupError(f"The copy of the database is damaged: {verdict}.")


def _run_tool(tool: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on the database in use. The password goes by the environment, unseen."""
    connection.ensure_connection()
    place = connection.connection.info  # psycopg's, with what DATABASE_URL says of host, port, TLS and more
    command = [tool, f"--dbname={place.dsn}", *arguments]
    environment = os.environ | ({"PGPASSWORD": place.password} if place.password else {})
    connection.close()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603  no shell
    except FileNotFoundError:
        raise BackupError(f"{tool} is not on the PATH. Install PostgreSQL's client programs.") from None
    if done.returncode:
        raise BackupError(f"{tool} failed: {done.stderr.strip()}")
