"""The Content-Security-Policy: the settings' own, and the bucket that browsers are sent to for frames and clips."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

from videogen.media import storage


class ContentPolicyMiddleware(CSPMiddleware):
    """Allow pictures and clips from the bucket as well: a policy names every origin that a redirect leads to."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Gather the policy of one answer."""
        parts = super().get_policy_parts(request, response, report_only)
        if origin := storage.signed_origin():
            parts.update = (parts.update or {}) | {"img-src": [origin], "media-src": [origin]}
        return parts
