"""Draw the widgets of the dialog's forms as Django's templates do, without an include for each set of attributes.

A dialog has some sixty widgets and options; through the templates they were an eighth of what it costs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Widget = Mapping[str, Any]


def _attributes(widget: Widget) -> SafeString:
    return flatatt({name: value for name, value in widget["attrs"].items() if value is not None})


def _input(widget: Widget) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, _attributes(widget))


def _textarea(widget: Widget) -> SafeString:
    # The line break is the first that a browser drops: without it one of the text's own would go.
    text = widget["value"] or ""
    return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], _attributes(widget), text)


def _select(widget: Widget) -> SafeString:
    groups = format_html_join("", "{}", ((_group(label, options),) for label, options, _ in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}</select>', widget["name"], _attributes(widget), groups)


def _group(label: object, options: list[Widget]) -> SafeString:
    rows = ((option["value"], _attributes(option), option["label"]) for option in options)
    drawn = format_html_join("", '<option value="{}"{}>{}</option>', rows)
    return format_html('<optgroup label="{}">{}</optgroup>', label, drawn) if label else drawn


_DRAW: dict[str, Callable[[Widget], SafeString]] = {
    "django/forms/widgets/checkbox.html": _input,
    "django/forms/widgets/checkbox_option.html": _input,
    "django/forms/widgets/radio_option.html": _input,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/text.html": _input,
    "django/forms/widgets/textarea.html": _textarea,
}


class PlainRenderer(DjangoTemplates):
    """Draws the kinds of widgets that the dialog has; hands all others to their templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        # An option that is drawn on its own has wrap_label switched off: the label is the page's.
        draw = _DRAW.get(template_name)
        if draw is None or context["widget"].get("wrap_label"):
            return super().render(template_name, context, request)
        return draw(context["widget"])
