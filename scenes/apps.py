from django.apps import AppConfig


class ScenesConfig(AppConfig):
    """Scenes, blocks, locations, characters, and who may do what with them."""

    name = "scenes"
    verbose_name = "Scenes"
