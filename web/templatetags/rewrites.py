"""What the prompt's field holds, beside the two texts of the latest rewrite."""

from django import template

from web.forms.generation import SpecForm
from web.rewrite_state import RewriteState

register = template.Library()


@register.filter
def stands_for(state: RewriteState, form: SpecForm | None) -> str:
    """optimized, typed or edited; nothing without a rewrite. Without a form the script finds out."""
    return state.stands_for(form["prompt"].value() if form else "")
