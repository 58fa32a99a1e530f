"""LTX_LORAS, as an operator writes it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from videogen.pipelines.config import Checkpoint, Lora


@pytest.mark.parametrize(
    ("text", "lora"),
    [
        ("ink=studio/ink", Lora("ink", Checkpoint("studio/ink"))),
        ("dolly in=/srv/x.safetensors@0.8", Lora("dolly in", Checkpoint("/srv/x.safetensors"), "", 0.8)),
        ("a=studio/ink@v2:b.safetensors@1.5", Lora("a", Checkpoint("studio/ink", "v2"), "b.safetensors", 1.5)),
    ],
)
def test_an_entry_is_a_name_a_place_a_file_and_a_strength(text: str, lora: Lora) -> None:
    assert Lora.parse(text) == lora


@pytest.mark.parametrize("text", ["ink", "=x/y", "ink=", "ink=x/y@3", "a=x/y, a=x/z", "<b>=x/y"])
def test_an_entry_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LTX_LORAS"):
        Lora.parse_all(text)
