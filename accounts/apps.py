from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """API tokens and sign-in links."""

    name = "accounts"
    verbose_name = "Accounts"
