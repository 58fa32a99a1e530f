"""Signing in and out. Every view here is public."""

from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from sesame.views import LoginView as LinkView

from scenes.access import public
from web.forms.account import SignInForm


class SignInLinkView(LinkView):
    """Sign in with a link of `manage.py signinlink`, which works once."""

    def login_failed(self) -> HttpResponse:
        """Answer with the sign-in page and the reason: the link is used up, too old or damaged."""
        messages.warning(self.request, _("This sign-in link was used already or is too old. Ask for a new one."))
        return redirect("login")


login = public(LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True))
logout = public(LogoutView.as_view())
sign_in = public(SignInLinkView.as_view())
