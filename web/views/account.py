"""A person's own page: their password, and the browsers that are signed in as them."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.models import ApiToken
from scenes.access import signed_in
from web.forms.account import ChangePasswordForm, FirstPasswordForm
from web.views.panel import Request


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
@sensitive_post_parameters()
def account(request: Request) -> HttpResponse:
    """Show the page; a POST changes the password, which ends the person's other sessions."""
    person = request.user
    form_class = ChangePasswordForm if person.has_usable_password() else FirstPasswordForm
    form = form_class(request, person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, person)
        messages.success(request, _("Your password is changed. Every other browser has to sign in again."))
        if form.cleaned_data["end_tokens"]:
            count = ApiToken.objects.filter(user=person).revoke()
            text = ngettext("%(count)d API token is revoked.", "%(count)d API tokens are revoked.", count)
            messages.success(request, text % {"count": count})
        return redirect("account")
    return render(request, "accounts/account.html", {"form": form})


@require_POST
@signed_in
def end_sessions(request: Request) -> HttpResponse:
    """End the person's other sessions."""
    count = sessions.end_others(request.user, request.session.session_key)
    text = ngettext("%(count)d other session is ended.", "%(count)d other sessions are ended.", count)
    messages.success(request, text % {"count": count})
    return redirect("account")
