"""From a prompt to what the transformer reads: tokenizer, Gemma 3, connectors."""

import torch
from diffusers import LTX2ConditionPipeline

from videogen.errors import GenerationError
from videogen.pipelines.ltx2.prompt_cache import PromptFeatures

TOKENS = 1024


class TextEncoder:
    """The text half of the model. It is on the device only for prompts that the prompt cache does not hold."""

    def __init__(self, pipe: LTX2ConditionPipeline, device: torch.device) -> None:
        self.pipe = pipe
        self.device = device

    @property
    def video_width(self) -> int:
        """How many of the packed numbers of a token are for the picture; the others are for the sound."""
        return int(self.pipe.connectors.config.video_hidden_dim)

    def encode(self, text: str) -> PromptFeatures:
        """The features of one text, in host memory.

        Raises GenerationError("prompt_too_long") where the model would cut the text off without a word.
        """
        tokens = len(self.pipe.tokenizer(text.strip(), add_special_tokens=True).input_ids)
        if tokens > TOKENS:
            raise GenerationError("prompt_too_long", tokens=tokens, limit=TOKENS)
        with torch.no_grad():
            return self._encode(text)

    def _encode(self, text: str) -> PromptFeatures:
        embeds, mask, _, _ = self.pipe.encode_prompt(
            text, do_classifier_free_guidance=False, max_sequence_length=TOKENS, device=self.device
        )
        video, audio, mask = self.pipe.connectors(embeds, mask, padding_side=self.pipe.tokenizer_padding_side)
        return PromptFeatures(torch.cat([video, audio], dim=-1).cpu(), mask.cpu())
