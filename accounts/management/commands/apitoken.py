from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import DEFAULT_DAYS, MOST_TOKENS, NAME_LENGTH, ApiToken, TooManyTokensError
from accounts.people import find_active


class Command(BaseCommand):
    """Issue an API token."""

    help = "Print a new API token of a user, and nothing else. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what uses it, for the list in the admin")
        parser.add_argument(
            "--days", type=int, default=DEFAULT_DAYS, help="how long it is good for (default: %(default)s)"
        )
        parser.add_argument("--no-end", action="store_true", help="it is good until it is revoked")

    def handle(self, *args: Any, username: str, name: str, days: int, no_end: bool, **options: Any) -> None:
        """Print the token. Raises CommandError for a user that cannot sign in or has too many, or days out of range."""
        if not 1 <= days <= 3650:
            raise CommandError(f"--days must be from 1 to 3650; got {days}.")
        if not 1 <= len(name.strip()) <= NAME_LENGTH:
            raise CommandError(f"--name must have from 1 to {NAME_LENGTH} characters.")
        expires_at = None if no_end else timezone.now() + timedelta(days=days)
        try:
            _, plaintext = ApiToken.issue(find_active(username), name.strip(), expires_at)
        except TooManyTokensError:
            raise CommandError(f"{username} has {MOST_TOKENS} tokens. Revoke one first, in the admin.") from None
        self.stdout.write(plaintext)
