"""The forms of signing in and of a person's own page of tokens."""

from datetime import datetime, timedelta

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import NAME_LENGTH

LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("until it is revoked"))]


class SignInForm(AuthenticationForm):
    """Name and password. A name no account can have is wrong at once: the log of attempts could not hold it."""

    def clean_username(self) -> str:
        """The name as it was typed."""
        username: str = self.cleaned_data["username"]
        if len(username) > (User._meta.get_field("username").max_length or 0):
            raise self.get_invalid_login_error()
        return username


class TokenForm(forms.Form):
    """What uses the new token, and how long it is good for."""

    name = forms.CharField(label=_("What will use it?"), max_length=NAME_LENGTH)
    days = forms.ChoiceField(label=_("Good for"), choices=LIVES, required=False, initial="90")

    @property
    def expires_at(self) -> datetime | None:
        """The end of the token's life; None where it has none. After is_valid()."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
