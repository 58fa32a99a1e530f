from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """How people and programs sign in."""

    name = "accounts"
    verbose_name = "Accounts"
