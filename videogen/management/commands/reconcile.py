from typing import Any

from django.core.management.base import BaseCommand

from videogen.worker.reconcile import reconcile, sweep_files


class Command(BaseCommand):
    help = "Put back jobs of lost workers, wake workers for forgotten rows, remove files without a row."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{reconcile()} jobs released, {sweep_files()} files removed.")
