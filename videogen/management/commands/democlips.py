"""`manage.py democlips`: what the first `make run` loads, the demo and the orders for its first clips."""

from typing import Any

from django.core.management.base import BaseCommand

from scenes import demo
from scenes.models import Scene
from videogen.demo import queue_clips


class Command(BaseCommand):
    """Does nothing where there is another scene than the demo's, or was ever a clip."""

    help = "Load the demo where there is no scene yet, and queue two clips of it where there was never a clip."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Scene.objects.exists():
            demo.load()
        self.stdout.write(f"{len(queue_clips())} clips of the demo are queued.")
