from django.apps import AppConfig


class LocalConfig(AppConfig):
    """Everything on one machine by one command: `manage.py run`."""

    name = "local"
    verbose_name = "One machine"
