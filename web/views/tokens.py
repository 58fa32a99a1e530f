"""A person's own page of API tokens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import MOST_TOKENS, ApiToken, TooManyTokensError
from scenes.access import signed_in
from web.forms.account import TokenForm
from web.views.panel import Request


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
@sensitive_variables("plaintext")
def tokens(request: Request) -> HttpResponse:
    """List the tokens; a POST creates one and shows it once."""
    person = request.user
    form = TokenForm(request.POST or None)
    plaintext = ""
    if request.method == "POST" and form.is_valid():
        try:
            _row, plaintext = ApiToken.issue(person, form.cleaned_data["name"], form.expires_at)
            form = TokenForm()
        except TooManyTokensError:
            form.add_error("name", _("You have %d tokens. Revoke one that nothing uses any more.") % MOST_TOKENS)
    usable = set(ApiToken.objects.usable().filter(user=person).values_list("pk", flat=True))
    rows = [{"token": token, "is_open": token.pk in usable} for token in person.api_tokens.all()]
    return render(request, "accounts/tokens.html", {"form": form, "rows": rows, "plaintext": plaintext})


@require_POST
@signed_in
def revoke(request: Request, token_id: int) -> HttpResponse:
    """Revoke one of the person's own tokens."""
    token = get_object_or_404(request.user.api_tokens.all(), pk=token_id)
    if ApiToken.objects.filter(pk=token.pk).revoke():
        messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("tokens")
