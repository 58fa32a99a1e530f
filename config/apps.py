from django.apps import AppConfig

from config import checks

__all__ = ["ProjectConfig", "checks"]  # importing the checks registers them


class ProjectConfig(AppConfig):
    """What belongs to no single application: the system checks."""

    name = "config"
    label = "storyreel_config"
    verbose_name = "Project"
