"""The forms of signing in and of a person's own pages: password and tokens."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import DEFAULT_DAYS, NAME_LENGTH

LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("until it is revoked"))]


class SignInForm(AuthenticationForm):
    """Name and password. A name no account can have is wrong at once: the log of attempts could not hold it."""

    def clean_username(self) -> str:
        """The name as it was typed."""
        username: str = self.cleaned_data["username"]
        if len(username) > (User._meta.get_field("username").max_length or 0):
            raise self.get_invalid_login_error()
        return username


class _PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # it takes parameters in its stubs only
    """What both forms of a password have: styled fields, and whether API tokens end with the old one."""

    end_tokens = forms.BooleanField(label=_("Revoke my API tokens as well"), required=False)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        for name, field in self.fields.items():
            if name != "end_tokens":
                field.widget.attrs["class"] = "input"
                field.help_text = ""


class FirstPasswordForm(_PasswordForm):
    """A password for somebody who came by a link and has none."""


class ChangePasswordForm(_PasswordForm, PasswordChangeForm):
    """A new password, for whoever knows the old one."""

    field_order = ["old_password", "new_password1", "new_password2", "end_tokens"]

    def clean_old_password(self) -> str:
        """The old password, asked for as at the door: wrong ones are counted, and after too many none is looked at.

        Else whoever finds a browser signed in could guess it here, as often as they like.
        """
        typed: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=typed) != self.user:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return typed


class TokenForm(forms.Form):
    """What uses the new token, and how long it is good for."""

    name = forms.CharField(label=_("What will use it?"), max_length=NAME_LENGTH)
    days = forms.ChoiceField(label=_("Good for"), choices=LIVES, required=False, initial=str(DEFAULT_DAYS))

    def clean_days(self) -> str:
        """The days as sent; the default where the field is absent, because its empty value means without an end."""
        return self.cleaned_data["days"] if self.add_prefix("days") in self.data else str(DEFAULT_DAYS)

    @property
    def expires_at(self) -> datetime | None:
        """The end of the token's life; None where it has none. After is_valid()."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
