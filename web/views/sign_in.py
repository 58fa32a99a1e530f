"""Signing in and out. Every view here is public."""

from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import links
from scenes.access import public
from web.forms.account import SignInForm

BACKEND = "django.contrib.auth.backends.ModelBackend"  # that of a session: who came by link has no other


@require_http_methods(["GET", "HEAD", "POST"])
@public
@never_cache
@sensitive_post_parameters("sesame")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show whom a link of `manage.py signinlink` signs in; a POST spends it and does so."""
    pressed = request.method == "POST"
    token = (request.POST if pressed else request.GET).get("sesame", "")
    person = links.look(token)
    if person is None or (pressed and not links.spend(person)):
        messages.warning(request, _("This sign-in link was used already or is too old. Ask for a new one."))
        return redirect("login")
    if not pressed:
        return render(request, "registration/sign_in.html", {"person": person, "token": token})
    start_session(request, person, backend=BACKEND)
    return redirect("films")


login = public(LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True))
logout = public(LogoutView.as_view())
