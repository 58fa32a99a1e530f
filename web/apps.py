from django.apps import AppConfig


class WebConfig(AppConfig):
    """What a browser sees: pages, fragments, forms and template tags."""

    name = "web"
    verbose_name = "Pages"
