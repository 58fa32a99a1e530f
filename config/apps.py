from django.apps import AppConfig

from config import checks, release

__all__ = ["ProjectConfig", "checks", "release"]  # importing the checks registers them


class ProjectConfig(AppConfig):
    """The system checks, which belong to no single application."""

    name = "config"
    label = "storyreel_config"
    verbose_name = "Project"
