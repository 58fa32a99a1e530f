"""manage.py probe worker | beat: whether what runs beside it lives. For container and service managers."""

import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from videogen import obstacles
from videogen.models import PeriodicRun, Worker


class Command(BaseCommand):
    """Exit with 0 or, and a sentence, with 1."""

    help = "Tell whether a worker of this machine, or beat, is alive. The web server is asked by deploy/probe.py."
    requires_system_checks: list[str] = []  # it is asked every minute

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is asked for."""
        parser.add_argument("program", choices=["worker", "beat"])

    def handle(self, *args: Any, program: str, **options: Any) -> None:
        """Look at the signs of life that the programs leave in the database."""
        try:
            lives = _has_worker() if program == "worker" else _has_beat()
        except DatabaseError:
            raise CommandError("The database does not answer.") from None
        if not lives:
            raise CommandError("No worker of this machine is alive." if program == "worker" else "beat is silent.")


def _has_worker() -> bool:
    return Worker.objects.alive().filter(name__endswith=f"@{socket.gethostname()}").exists()


def _has_beat() -> bool:
    return PeriodicRun.objects.since(obstacles.BEAT, obstacles.SWEEP_SILENCE)
