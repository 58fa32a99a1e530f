"""The operator's list of guest links: to which scene, by whom, until when, and a way to revoke them."""

from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scenes import guests
from scenes.models import GuestLink


@admin.register(GuestLink)
class GuestLinkAdmin(admin.ModelAdmin[GuestLink]):
    """A list to look at and to revoke from; links are made on the people page of a scene, which shows them once."""

    change_list_template = "admin/watched/list.html"
    list_per_page = 50
    list_display = ["label", "scene", "made_by", "state", "created_at", "last_seen_at", "expires_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "made_by"]
    list_select_related = ["scene", "made_by"]
    search_fields = ["label", "scene__title", "made_by__username"]
    fields = ("scene", "label", "made_by", "state", "created_at", "last_seen_at", "expires_at", "revoked_at")
    readonly_fields = fields
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a form could show a new link, but not keep it out of the browser's history of messages."""
        return False

    @admin.display(description=_("state"))
    def state(self, link: GuestLink) -> str:
        """Say in one word why the link is closed, or that it is not."""
        if link.revoked_at:
            return gettext("revoked")
        if link.expires_at <= timezone.now():
            return gettext("ended")
        return gettext("open")

    @admin.action(description=_("Revoke the chosen guest links"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[GuestLink]) -> None:
        """Revoke the chosen links at once; each stands in the log of its scene."""
        person = cast("User", request.user)
        count = sum(guests.revoke(link, person) for link in queryset.select_related("scene"))
        text = ngettext("%(count)d guest link revoked.", "%(count)d guest links revoked.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)
