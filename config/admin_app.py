from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django's admin with our own start page. In a module of its own: config.apps has the one of this project."""

    default_site = "config.console.Console"
