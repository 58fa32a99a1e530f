from django.apps import AppConfig


class VideogenConfig(AppConfig):
    """Frames, videos, and the work of making them."""

    name = "videogen"
    verbose_name = "Video generation"
