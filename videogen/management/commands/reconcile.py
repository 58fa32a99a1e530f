from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from videogen.worker.reconcile import SweepRefusedError, reconcile, sweep_files


class Command(BaseCommand):
    help = "Put back jobs of lost workers, wake workers for forgotten rows, move files without a row to the trash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--adopt", action="store_true", help="the stored files belong to this database, whatever their mark says"
        )
        parser.add_argument(
            "--any-share", action="store_true", help="move all files without a row to the trash, however many they are"
        )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{reconcile()} jobs released.")
        try:
            swept = sweep_files(adopt=options["adopt"], any_share=options["any_share"])
        except SweepRefusedError as refused:
            raise CommandError(f"No file was removed. {refused}") from refused
        self.stdout.write(f"{swept} files removed.")
