"""Texts as the transformer reads them, kept so that a text is encoded once."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch

from videogen.pipelines.ltx2.denoise import Texts
from videogen.pipelines.ltx2.passes import Tokens

# A full-size entry is 12.6 MB (1024 tokens of 4096 + 2048 numbers in bfloat16).
CAPACITY = 64


@dataclass(frozen=True, slots=True)
class PromptFeatures:
    """What the connectors make of one text, in host memory.

    packed: (1, tokens, video width + audio width). mask: (1, tokens), 1 where a token counts.
    """

    packed: torch.Tensor
    mask: torch.Tensor

    def on(self, device: torch.device) -> "PromptFeatures":
        """The same on a device."""
        return PromptFeatures(self.packed.to(device), self.mask.to(device))

    def split(self, video_width: int) -> Tokens:
        """What the picture and what the sound reads."""
        return self.packed[..., :video_width], self.packed[..., video_width:]


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """The prompt and, where it has an effect, the negative prompt, on the device."""

    prompt: PromptFeatures
    negative: PromptFeatures | None

    @property
    def every_token_counts(self) -> bool:
        """Whether no token is masked, which the connectors' registers see to."""
        return all(bool(text.mask.all()) for text in (self.prompt, self.negative) if text is not None)

    def split(self, video_width: int) -> Texts:
        """As our own loop takes them."""
        return Texts(self.prompt.split(video_width), self.negative.split(video_width) if self.negative else None)

    def arguments(self) -> dict[str, torch.Tensor]:
        """As the library's pipeline takes them."""
        given = {"prompt_embeds": self.prompt.packed, "prompt_attention_mask": self.prompt.mask}
        if self.negative is not None:
            given["negative_prompt_embeds"] = self.negative.packed
            given["negative_prompt_attention_mask"] = self.negative.mask
        return given


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
