"""Tables that the program writes and the operator reads."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class WatchedAdmin(admin.ModelAdmin[Any]):
    """Rows that the program writes and the operator reads."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: frames and clips are queued in the dialog."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to edit a row; the actions of the list are what can be done with it."""
        return obj is None and super().has_change_permission(request)
