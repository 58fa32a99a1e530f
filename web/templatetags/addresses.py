"""`{% address %}`: Django's `{% url %}` for what a page names hundreds of times."""

from django import template

from web.addresses import address

register = template.Library()
register.simple_tag(address)
