"""Texts as the transformer reads them, kept so that a text is encoded once."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch

# A full-size entry is 12.6 MB (1024 tokens of 4096 + 2048 numbers in bfloat16).
CAPACITY = 64


@dataclass(frozen=True, slots=True)
class PromptFeatures:
    """What the connectors make of one text, in host memory.

    packed: (1, tokens, video width + audio width). mask: (1, tokens), 1 where a token counts.
    """

    packed: torch.Tensor
    mask: torch.Tensor


class PromptCache:
    """The most recently used prompt features, by checkpoint identity and text."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.hits = 0
        self.misses = 0
        self._entries: OrderedDict[tuple[str, str], PromptFeatures] = OrderedDict()

    def get(self, checkpoint: str, text: str, encode: Callable[[str], PromptFeatures]) -> PromptFeatures:
        """The features of `text`, from `encode` where they are not at hand."""
        key = (checkpoint, text)
        if key in self._entries:
            self.hits += 1
            self._entries.move_to_end(key)
            return self._entries[key]
        features = encode(text)
        self.misses += 1
        self._entries[key] = features
        while len(self._entries) > self.capacity:
            self._entries.popitem(last=False)
        return features

    def clear(self) -> None:
        """Forget every entry and count."""
        self._entries.clear()
        self.hits = self.misses = 0

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)


PROMPTS = PromptCache()
