"""`manage.py demo`: the demo scenes and people."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from scenes import demo


class Command(BaseCommand):
    """Loads what is missing of the demo; a second run changes nothing."""

    help = "Load the demo scenes with their cast, and the people alice, bob, charlie and operator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the ids as JSON and nothing else")
        parser.add_argument("--password", default="", help="the password of all demo people, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = demo.load(options["password"])
        if options["json"]:
            found = {
                "film": str(loaded.film.pk),
                "scene": str(loaded.scene.pk),
                "blocks": [str(block.pk) for block in loaded.blocks],
                "users": {name: user.pk for name, user in loaded.users.items()},
            }
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"“{loaded.scene.title}” is there: /scenes/{loaded.scene.pk}/")
        self.stdout.write("Sign in by link: manage.py signinlink alice (owner), bob (may look) or operator (admin).")
