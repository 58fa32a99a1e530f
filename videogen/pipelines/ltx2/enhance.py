"""Writing with the text encoder of a video model: Gemma 3 reads the prompts of LTX-2.3 and can write them as well.

`LTX2ConditionPipeline.enhance_prompt` of diffusers does the writing; this module adds progress for each word piece and
a way to stop in between. Only workers import it.
"""

from typing import Any

import torch
from diffusers import LTX2ConditionPipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import GEMMA3_PROMPT_ENHANCEMENT_CONFIG
from PIL import Image
from transformers import StoppingCriteriaList

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import OnStep

MAX_NEW_TOKENS = 512  # about 380 words: twice what is asked for
SEED = 10  # the same text and picture give the same answer


def enhance(
    pipe: LTX2ConditionPipeline,
    text: str,
    image: Image.Image | None,
    system_prompt: str,
    on_step: OnStep,
    device: torch.device | str,
    most: int = MAX_NEW_TOKENS,
) -> str:
    """What the text encoder of `pipe` makes of `text`, unchecked. Its weights stay on `device`.

    pipe: needs its tokenizer, text_encoder and processor. most: word pieces after which it is cut off. on_step is
    called for every word piece; what it raises ends the writing. Raises GenerationError("optimizer_unavailable")
    where the checkpoint has no processor.
    """
    if getattr(pipe, "processor", None) is None:
        reason = "Its checkpoint of the video model has no processor, without which the text encoder cannot write."
        raise GenerationError("optimizer_unavailable", reason=reason)
    told = StoppingCriteriaList([_ReportWritten(on_step, most)])
    with torch.no_grad(), torch.random.fork_rng(devices=_cuda(device)):  # enhance_prompt seeds the global generators
        answers = pipe.enhance_prompt(
            text,
            system_prompt,
            max_new_tokens=most,
            seed=SEED,
            generation_kwargs={**GEMMA3_PROMPT_ENHANCEMENT_CONFIG.generation_kwargs, "stopping_criteria": told},
            device=device,
            image=image,
        )
    return str(answers[0])


def _cuda(device: torch.device | str) -> list[torch.device]:
    named = torch.device(device)
    return [named] if named.type == "cuda" else []


class _ReportWritten:
    """A stopping criterion that reports each word piece to `on_step` and never stops; `on_step` may raise to do so."""

    def __init__(self, on_step: OnStep, most: int) -> None:
        self._on_step = on_step
        self._most = most
        self._written = 0

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor, **kwargs: Any) -> torch.BoolTensor:
        self._written += 1
        self._on_step(Phase.ENCODING, self._written, self._most)
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
