"""Tables that the program writes and the operator reads."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class WatchedAdmin(admin.ModelAdmin[Any]):
    """Rows that the program writes and the operator reads."""

    change_form_template = "admin/watched/row.html"
    change_list_template = "admin/watched/list.html"
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: such rows come from what people do on the pages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to edit a row; the actions of the list are what can be done with it."""
        return obj is None and super().has_change_permission(request)


class HistoryAdmin(WatchedAdmin):
    """Rows that nobody deletes by themselves."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse but for what is deleted with its film, scene, block or person: that page has the say."""
        here = request.resolver_match.url_name if request.resolver_match else None
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        return obj is not None and here is not None and not here.startswith(own)
