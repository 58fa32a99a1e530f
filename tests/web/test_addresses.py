"""Addresses are Django's own, whatever they were made of before."""

from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix

from web.addresses import address

ROUTES = [
    ("scene", 1, ()),
    ("clip_file", 3, ()),
    ("clip_stage", 2, ("end",)),
    ("clip_choose_frame", 2, ("start", None)),
]


@pytest.mark.parametrize(("route", "ids", "rest"), ROUTES)
def test_an_address_is_what_django_gives_for_each_id_anew(route, ids, rest):
    for _ in range(3):
        args = [*(uuid4() for _ in range(ids)), *(word or uuid4() for word in rest)]
        assert address(route, *args) == reverse(route, args=args)


def test_a_word_that_a_route_does_not_know_is_refused_as_django_refuses_it():
    with pytest.raises(NoReverseMatch):
        address("clip_stage", uuid4(), uuid4(), "middle")


def test_an_address_begins_with_the_prefix_of_the_site():
    scene, before = uuid4(), get_script_prefix()
    try:
        assert address("scene", scene) == f"/scenes/{scene}/"
        set_script_prefix("/below/")
        assert address("scene", scene) == f"/below/scenes/{scene}/"
    finally:
        set_script_prefix(before)
