from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from config import checks

__all__ = ["ConsoleConfig", "ProjectConfig", "checks"]  # importing the checks registers them


class ProjectConfig(AppConfig):
    """The system checks, which belong to no single application."""

    default = True
    name = "config"
    label = "storyreel_config"
    verbose_name = "Project"


class ConsoleConfig(admin_apps.AdminConfig):
    """Django's admin on our own site."""

    default = False
    default_site = "config.console.Console"
