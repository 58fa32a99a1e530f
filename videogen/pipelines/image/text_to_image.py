"""Any plain text-to-image checkpoint makes frames; the pictures of the scene are told to it in words."""

import inspect
from typing import Any

from diffusers import AutoPipelineForText2Image

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import Drawing, OnStep, Picture
from videogen.pipelines.image.model import ImageModel, ImagePipeline
from videogen.pipelines.image.references import described_prompt, in_order
from videogen.specs import FrameSpec

TOKENIZERS = ("tokenizer_3", "tokenizer_2", "tokenizer")  # where there are several, the last reads the most


class TextToImageFrame(ImagePipeline):
    """The fallback for a FLUX_CHECKPOINT that names another kind of model."""

    name = "text-to-image"
    kind = AutoPipelineForText2Image

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Drawing:
        """Make the picture of spec.width x spec.height.

        Raises GenerationError: model_unavailable, prompt_too_long, out_of_memory.
        """
        model = self.model(on_step)
        arguments: dict[str, Any] = {
            "prompt": described_prompt(spec.prompt, in_order(pictures, spec.prompt)),
            "guidance_scale": spec.guidance_scale,
            "negative_prompt": spec.negative_prompt,
        }
        known = inspect.signature(model.pipe.__call__).parameters
        arguments = {name: value for name, value in arguments.items() if name in known}
        for name in ("prompt", "negative_prompt"):
            self._check_length(model, arguments.get(name, ""))
        on_step(Phase.ENCODING)
        return model.draw(spec, on_step, spec.steps, **arguments)

    @staticmethod
    def _check_length(model: ImageModel, text: str) -> None:
        """Refuse what the pipeline would cut off in silence."""
        tokenizer = next(found for name in TOKENIZERS if (found := getattr(model.pipe, name, None)))
        most = inspect.signature(model.pipe.__call__).parameters.get("max_sequence_length")
        limit = most.default if most else tokenizer.model_max_length
        tokens = len(tokenizer(text).input_ids)
        if tokens > limit:
            raise GenerationError("prompt_too_long", tokens=tokens, limit=limit)
