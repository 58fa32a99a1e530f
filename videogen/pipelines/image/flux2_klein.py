"""FLUX.2 klein makes frames from a prompt and the pictures of the scene."""

from diffusers import Flux2KleinPipeline

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import Drawing, OnStep, Picture
from videogen.pipelines.image.model import ImageModel, ImagePipeline
from videogen.pipelines.image.references import as_reference, in_order, keyed_prompt
from videogen.specs import FrameSpec

TOKENS = 512
DISTILLED_STEPS = 4  # what the step-distilled checkpoint was made for


class Flux2KleinFrame(ImagePipeline):
    """Location and portraits are references in the order the prompt names them; an end frame has its start first."""

    name = "flux2-klein"
    kind = Flux2KleinPipeline

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Drawing:
        """Make the picture of spec.width x spec.height.

        Raises GenerationError: model_unavailable, prompt_too_long, out_of_memory.
        """
        model = self.model(on_step)
        ordered = in_order(pictures, spec.prompt)
        prompt = keyed_prompt(spec.prompt, ordered)
        self._check_length(model, prompt)
        references = [as_reference(picture.image) for picture in ordered if picture.image is not None]
        distilled = bool(model.pipe.config.is_distilled)
        on_step(Phase.ENCODING)
        return model.draw(
            spec,
            on_step,
            DISTILLED_STEPS if distilled else spec.steps,
            prompt=prompt,
            image=references or None,
            guidance_scale=1.0 if distilled else spec.guidance_scale,
            max_sequence_length=TOKENS,
        )

    @staticmethod
    def _check_length(model: ImageModel, prompt: str) -> None:
        """Refuse what the pipeline would cut off in silence."""
        tokenizer = model.pipe.tokenizer
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        tokens = len(tokenizer(text).input_ids)
        if tokens > TOKENS:
            raise GenerationError("prompt_too_long", tokens=tokens, limit=TOKENS)
