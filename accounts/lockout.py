"""The pause after too many wrong passwords, on top of django-axes: what is counted, and what is kept of an attempt."""

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Sum
from django.http import HttpRequest, QueryDict

NAME_LENGTH = User._meta.get_field("username").max_length


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Return the name somebody tried, cut to what the table holds; None where there was none."""
    name = (credentials or request.POST).get("username")
    return None if name is None else str(name)[:NAME_LENGTH]


class Lockout(AxesDatabaseHandler):
    """Count a name from an address, and an address over all names. Keep nothing of what was sent."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether no password is looked at now."""
        return super().is_locked(request, credentials) or self._is_address_locked(request)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Note a failed attempt. axes would keep query and form, of every attempt one behind the other."""
        if request is None:
            return
        sent = request.GET, request.POST
        request.GET, request.POST = QueryDict(), QueryDict()
        try:
            super().user_login_failed(sender, credentials, request, **kwargs)
        finally:
            request.GET, request.POST = sent

    def _is_address_locked(self, request: Any) -> bool:
        """Whether the address has failed too often of late, whatever the names."""
        recent = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address, attempt_time__gte=get_cool_off_threshold(request)
        )
        failures = recent.aggregate(total=Sum("failures_since_start"))["total"] or 0
        return bool(failures >= settings.LOGIN_ADDRESS_FAILURE_LIMIT)
