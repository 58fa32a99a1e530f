"""Template tags and filters spell and draw; none asks the database."""

from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from uuid import UUID

import pytest
from django.template import Context, Library, Template
from django.utils import timezone

from web import templatetags
from web.forms.generation import VideoForm

SCENE = UUID(int=2**127 + 1)
SAMPLES = {
    "address": ("{% address 'scene' scene_id %}", f"/scenes/{SCENE}/"),
    "field": ('{% field form.duration "segments" wide=True %}', "settings__wide"),
    "icon": ('{% icon "film" "icon--large" %}', "icons.svg#film"),
    "spell_about": (
        "{{ 12.4|spell_about }}, {{ 100|spell_about }}{{ None|spell_about }}",
        "about 12 s, about 1 min 40 s",
    ),
    "spell_ago": ("{{ moments.0|spell_ago }}, {{ moments.1|spell_ago }}", "just now, 5\xa0minutes ago"),
    "spell_since": (
        "{{ moments.0|spell_since }}, {{ moments.1|spell_since }}",
        "less than a minute, 5\xa0minutes",
    ),
    "spell_seconds": ("{{ 3700|spell_seconds }}{{ None|spell_seconds }}", "1 h 1 min"),
}


def libraries() -> dict[str, Library]:
    """The modules of template tags by name."""
    modules = {
        found.name: import_module(f"{templatetags.__name__}.{found.name}")
        for found in iter_modules(templatetags.__path__)
    }
    return {name: module.register for name, module in modules.items()}


def test_each_tag_and_filter_has_a_sample_here():
    assert {name for library in libraries().values() for name in (*library.tags, *library.filters)} == set(SAMPLES)


@pytest.mark.django_db
@pytest.mark.parametrize("name", SAMPLES)
def test_a_tag_or_filter_runs_no_query(name, django_assert_num_queries):
    sample, expected = SAMPLES[name]
    template = Template(f"{{% load {' '.join(libraries())} %}}{sample}")
    moments = [timezone.now() - timedelta(seconds=seconds) for seconds in (59, 301)]
    shown = Context({"scene_id": SCENE, "form": VideoForm(), "moments": moments})
    with django_assert_num_queries(0):
        assert expected in template.render(shown)
