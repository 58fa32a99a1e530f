from django.apps import AppConfig


class VideogenConfig(AppConfig):
    """Frames, videos, prompts, and the workers that make them."""

    name = "videogen"
    verbose_name = "Video generation"

    def ready(self) -> None:
        """Connect the Celery signals of the workers, and what happens with every deletion."""
        from videogen import deletion  # noqa: PLC0415  (models are not loaded before)
        from videogen.worker import presence  # noqa: F401, PLC0415

        deletion.begin()
