from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.links import sign_in_link
from accounts.people import find_active


class Command(BaseCommand):
    """Print a sign-in link."""

    help = "Print a link that signs a user in once, within the hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Raises CommandError for a user that cannot sign in."""
        self.stdout.write(sign_in_link(find_active(username)))
