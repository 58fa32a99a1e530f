from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """What belongs to no single application: the command `run` and the system checks."""

    name = "config"
    label = "storyreel_config"
    verbose_name = "Project"

    def ready(self) -> None:
        """Register the system checks."""
        self.module  # noqa: B018
