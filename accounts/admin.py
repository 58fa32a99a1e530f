"""The operator's list of API tokens: whose, what for, when used, and a way to revoke them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """A list to look at and to revoke from; `manage.py apitoken` issues tokens and shows them once."""

    change_list_template = "admin/watched/list.html"
    list_per_page = 50
    list_display = ["name", "user", "state", "created_at", "last_used_at", "expires_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "user"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    fields = ("user", "name", "state", "created_at", "last_used_at", "expires_at", "revoked_at")
    readonly_fields = fields
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a form could show a new token, but not keep it out of the browser's history of messages."""
        return False

    @admin.display(description=_("state"))
    def state(self, token: ApiToken) -> str:
        """Say in one word why the token works or does not."""
        if token.revoked_at:
            return gettext("revoked")
        if token.expires_at and token.expires_at <= timezone.now():
            return gettext("expired")
        return gettext("in use") if token.last_used_at else gettext("not used yet")

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Revoke the chosen tokens at once."""
        count = ApiToken.objects.filter(pk__in=queryset.values("pk")).revoke()
        text = ngettext("%(count)d token revoked.", "%(count)d tokens revoked.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)
