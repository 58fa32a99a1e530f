"""A language model's server on this machine, and a rewrite as a worker would make it."""

from collections.abc import Iterator

import pytest

from tests.prompts import loopback


@pytest.fixture
def model(settings) -> Iterator[loopback.Server]:
    """The server, named by the settings."""
    for server in loopback.running():
        settings.PROMPT_OPTIMIZER = "auto"
        settings.PROMPT_LLM_URL = server.url
        settings.PROMPT_LLM_MODEL = "test-model"
        settings.PROMPT_LLM_KEY = "a key"
        settings.PROMPT_LLM_SECONDS = 5
        yield server
