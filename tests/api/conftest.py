"""Programs of the three people."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.callers import program


@pytest.fixture
def alices(alice: User) -> Client:
    return program(alice)


@pytest.fixture
def bobs(bob: User) -> Client:
    return program(bob)


@pytest.fixture
def charlies(charlie: User) -> Client:
    return program(charlie)
