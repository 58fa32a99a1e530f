import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from videogen.models import Event
from videogen.worker import ledger

SECOND_LOOK = 2.0  # seconds: what is true at one look only is work in progress


class Command(BaseCommand):
    help = "Check that no accepted job is lost, doubled, stuck or without its file. Exit status 1 where one is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accepted",
            type=Path,
            help="a file of ids, one a line, that were answered with 202: for a database that may lack their history",
        )
        parser.add_argument(
            "--settled",
            action="store_true",
            help="the work is over: whatever waits or runs is a fault, and so is any file without a row; runs a sweep",
        )

    def handle(self, **options: Any) -> None:
        accepted = _ids(options["accepted"]) if options["accepted"] else set()
        found = ledger.violations(accepted, settled=options["settled"])
        if found and not options["settled"]:
            time.sleep(SECOND_LOOK)
            again = set(ledger.violations(accepted))
            found = [violation for violation in found if violation in again]
        for violation in found:
            self.stderr.write(f"{violation.rule}: {violation.words}.")
        jobs = len({*accepted, *Event.objects.values_list("generation_id", flat=True)})
        if found:
            faults = f"{len(found)} fault{'s' * (len(found) != 1)}"  # of one job there may be several
            raise CommandError(f"{faults} in {jobs} accepted jobs and their files.")
        self.stdout.write(f"{jobs} accepted jobs: none lost, none doubled, every file as it should be.")


def _ids(path: Path) -> set[UUID]:
    """Read a file of ids. Raises CommandError for one that cannot be read, or has a line that is no id."""
    try:
        return {UUID(line.strip()) for line in path.read_text().splitlines() if line.strip()}
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} is no file of ids, one a line: {error}.") from error
