"""The pipelines of LTX in one stage: 2.3 dev, 2.3 distilled for drafts, and 2.5, which is distilled as published."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES
from django.conf import settings
from PIL import Image

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines import shortcuts
from videogen.pipelines.base import Kept, OnPreview, OnStep, Pixels, Rendering, Sound
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.device.compute import Device
from videogen.pipelines.device.memory import Mode, with_retries
from videogen.pipelines.ltx2 import decode, enhance
from videogen.pipelines.ltx2.checkpoint import PARTS, LtxModel
from videogen.pipelines.ltx2.compiled import Compiler
from videogen.pipelines.ltx2.conditions import CONDITION_CRF, Anchor, conditions
from videogen.pipelines.ltx2.guidance import Guidance
from videogen.pipelines.ltx2.loras import branches
from videogen.pipelines.ltx2.preview import Previews
from videogen.pipelines.ltx2.prompt_cache import PROMPTS, EncodedTexts, PromptFeatures
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.residency import activation_bytes
from videogen.pipelines.ltx2.resume import Resume, fingerprint
from videogen.pipelines.ltx2.sampling import Job, Latents, sampled
from videogen.pipelines.ltx2.schedule import noise_levels
from videogen.pipelines.ltx2.side_branch import SideBranch, opened
from videogen.pipelines.weights.loaded import LOADED, CheckpointPipeline
from videogen.specs import VideoSpec

DENOISING_PARTS = ("transformer", "vae", "audio_vae")
SOUND_PARTS = ("audio_vae", "vocoder")
DECODE_TENSORS = 5  # of the decoder's widest level, alive at once


@dataclass(frozen=True, slots=True)
class Stage:
    """What is denoised in one go: a render, the noise level of each step, and the guidance."""

    render: Render
    levels: list[float]
    guidance: Guidance


class Ltx23Video(CheckpointPipeline[LtxModel]):
    """The dev checkpoint: the person's steps and guidance scale."""

    name = "ltx2.3"
    makes = "video"
    crf = CONDITION_CRF

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint this pipeline is made of."""
        return self.settings.ltx

    @property
    def variant(self) -> str:
        """The precision of the blocks' matrices."""
        return self.settings.fp8

    def read(self, folder: Path, device: Device, memory_mode: str, on_step: OnStep) -> LtxModel:
        """Load the checkpoint in `folder`. Raises GenerationError("model_unavailable")."""
        left, precision = LOADED.left(self.makes), self.settings.fp8
        model = LtxModel.load(folder, device, memory_mode, self.name, on_step, left, precision)
        model.compiler = self.compiler(device)
        return model

    def compiler(self, device: Device) -> Compiler | None:
        """What compiles the transformer's blocks: nothing on a CPU, or where the setting says so."""
        wanted = device.is_gpu and self.settings.compiles
        return Compiler(Path(settings.VAR_DIR) / "compiled") if wanted else None

    def guidance(self, spec: VideoSpec) -> Guidance:
        """The guidance of a clip."""
        found = Guidance.for_scale(spec.guidance_scale)
        return found if spec.sound else found.without_sound()

    def levels(self, spec: VideoSpec, scheduler: FlowMatchEulerDiscreteScheduler) -> list[float]:
        """The noise level at the start of each step."""
        return noise_levels(spec.steps, scheduler.config.shift_terminal)

    def render(self, spec: VideoSpec) -> Render:
        """What is rendered so that the clip can be cut out of it."""
        return Render.of(spec)

    def stages(self, spec: VideoSpec, render: Render, model: LtxModel) -> list[Stage]:
        """The stages of a clip, the last one at the size of the render."""
        return [Stage(render, self.levels(spec, model.scheduler), self.guidance(spec))]

    def anchors(self, spec: VideoSpec, render: Render, start: Image.Image, end: Image.Image | None) -> list[Anchor]:
        """The pictures the clip goes through: the start frame first, the end frame on the last delivered picture."""
        first = Anchor(0, start, spec.start_strength)
        return [first] if end is None else [first, Anchor(render.anchor, end, spec.end_strength)]

    def between(self, model: LtxModel, made: Latents) -> Latents:
        """What the next stage makes of the latents of the one before it."""
        raise NotImplementedError

    def weights(self, model: LtxModel, beside: list[SideBranch]) -> list[object]:
        """What a clip is made with, by content: the parts, and each LoRA as it was loaded here."""
        parts = [(part, model.contents[part]) for part in PARTS]
        return [*parts, *((branch.content, branch.strength) for branch in beside)]

    def branch(self, model: LtxModel, number: int) -> SideBranch | None:
        """What is added to the transformer's layers during a stage."""
        return None

    def generate(
        self,
        spec: VideoSpec,
        start: Image.Image,
        end: Image.Image | None,
        on_step: OnStep,
        on_preview: OnPreview | None = None,
        kept: Kept | None = None,
    ) -> Rendering:
        """Make the clip's latents and sound now and its pictures when they are taken.

        kept: where the latents are kept meanwhile, and those of an earlier attempt are.
        Raises GenerationError: model_unavailable, prompt_too_long, out_of_memory (the pictures raise it too).
        """
        if spec.seed is None:
            raise ValueError("the spec has no seed")
        model = self.model(on_step)
        model.residency.restore()
        render = self.render(spec)
        branches(model, self.settings, spec)  # what cannot be used is refused before any work
        failure = partial(self._too_large, model, spec, render)
        try:
            video, audio = self._latents(model, spec, render, start, end, on_step, on_preview, kept)
            on_step(Phase.DECODING)
            clip_sound = self._sound(model, spec, render, audio, failure)
        finally:
            model.denoiser.maybe_free_model_hooks()
        # On a GPU the next piece is decoded while the pictures of this one are encoded.
        waiting = decode.WAITING_BYTES if model.device.is_gpu else 0
        return Rendering(self._pictures(model, spec, render, video, on_step, failure), clip_sound, waiting)

    def enhance(self, text: str, image: Image.Image | None, system_prompt: str, on_step: OnStep) -> str:
        """Have the text encoder rewrite a prompt (pipelines.base.Enhancer).

        Raises GenerationError: model_unavailable, optimizer_unavailable.
        """
        model = self.model(on_step)
        model.residency.restore()

        def work() -> str:
            model.residency.bring("text_encoder", told=partial(on_step, Phase.LOADING))
            on_step(Phase.ENCODING)
            return enhance.enhance(model.text.pipe, text, image, system_prompt, on_step, model.device.torch_device)

        def failure() -> GenerationError:
            return GenerationError("optimizer_unavailable", reason="The text encoder does not fit into its memory.")

        return with_retries(work, _remedies(model, "text_encoder"), model.device, failure)

    def _latents(
        self,
        model: LtxModel,
        spec: VideoSpec,
        render: Render,
        start: Image.Image,
        end: Image.Image | None,
        on_step: OnStep,
        on_preview: OnPreview | None = None,
        kept: Kept | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents of video, (1, channels, frames, height, width), and of sound, (1, channels, frames, bins).

        Raises GenerationError: prompt_too_long, out_of_memory.
        """
        failure = partial(self._too_large, model, spec, render)
        on_step(Phase.ENCODING)
        read = partial(_encoded, model, spec, self.guidance(spec), on_step)
        texts = with_retries(read, _remedies(model, "text_encoder", "connectors"), model.device, failure)
        work = partial(self._denoise, model, spec, render, start, end, texts, on_step, on_preview, kept)
        return with_retries(work, _remedies(model, *DENOISING_PARTS), model.device, failure)

    def _denoise(
        self,
        model: LtxModel,
        spec: VideoSpec,
        render: Render,
        start: Image.Image,
        end: Image.Image | None,
        texts: EncodedTexts,
        on_step: OnStep,
        on_preview: OnPreview | None = None,
        kept: Kept | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One try at the latents."""
        stages = self.stages(spec, render, model)
        total, done = sum(len(stage.levels) for stage in stages), 0
        pipe, made = model.denoiser, None
        anchors = self.anchors(spec, render, start, end)
        loras = branches(model, self.settings, spec)
        previews = Previews(model.colour_factors, on_preview, total)
        skips = [self._skip(model, stage.guidance, texts) for stage in stages]
        self.shortcuts = shortcuts.words(model.precision, max(skips))

        def made_of() -> str:
            return fingerprint(self.name, spec, [start, end], model, self.weights(model, loras), max(skips))

        resume = Resume(kept, made_of, total)
        point = resume.find()

        def on_pass(step: int) -> None:
            model.device.synchronise()
            on_step(Phase.DENOISING, done + step, total)

        def on_latents(step: int, latents: Latents) -> None:
            before, after = [*stage.levels, 0.0][step - 1 : step + 1]
            previews.step(done + step, step, latents[0], (before, after), stage.render)
            here = partial(job.point_at, step, latents)
            resume.step_done(here, done + step, last=step == len(stage.levels), stands_alone=job.stands_alone(step))

        for number, stage in enumerate(stages):
            if point is not None and number < point.stage:
                done += len(stage.levels)
                continue
            if made is not None:
                made = self.between(model, made)
            told = partial(on_step, Phase.DENOISING, done, total) if number else partial(on_step, Phase.ENCODING)
            branch = self.branch(model, number)
            beside = [*loras, branch] if branch else loras
            given, places = conditions(anchors, stage.render.size, stage.render.frames, self.crf)
            tokens = stage.render.tokens_beside(len(places))
            spare = activation_bytes(tokens, own_loop=model.loops) + sum(held.nbytes for held in beside)
            model.residency.bring(*DENOISING_PARTS, spare=spare, told=told)
            pipe.anchor(places)
            here = point if point is not None and point.stage == number else None
            on_step(Phase.DENOISING, done + (here.step if here else 0), total)
            job = Job(model, spec, stage.render, given, texts, stage.levels, stage.guidance, on_pass, made, number)
            job.point, job.on_latents = here, on_latents
            job.skip = skips[number]
            job.compiles = not beside  # their matrices are others in each block
            with opened(beside):
                made = sampled(job)
            done += len(stage.levels)
            if job.left:
                pipe.check_anchors()
        if made is None:
            raise RuntimeError("a clip has at least one stage")
        video, audio = made
        if not (torch.isfinite(video).all() and torch.isfinite(audio).all()):
            raise RuntimeError("the model made values that are not numbers")
        return video, audio

    def _skip(self, model: LtxModel, guidance: Guidance, texts: EncodedTexts) -> int:
        """How many steps without passes of guidance follow one with them; none where the library makes the steps."""
        ours = model.residency.mode is not Mode.LOW and texts.every_token_counts
        return self.settings.skip_step if ours and guidance.guides else 0

    def _sound(
        self,
        model: LtxModel,
        spec: VideoSpec,
        render: Render,
        latents: torch.Tensor,
        failure: Callable[[], GenerationError],
    ) -> Sound | None:
        """The sound of the clip, where it is to have one; what decodes the pictures is brought in any case."""

        def work() -> Sound | None:
            model.residency.bring("vae", *(SOUND_PARTS if spec.sound else ()), spare=_decode_bytes(render, model))
            if not spec.sound:
                return None
            return decode.sound(model.denoiser.audio_vae, model.denoiser.vocoder, latents, spec.duration)

        return with_retries(work, _remedies(model, *SOUND_PARTS)[:1], model.device, failure)

    def _pictures(
        self,
        model: LtxModel,
        spec: VideoSpec,
        render: Render,
        latents: torch.Tensor,
        on_step: OnStep,
        failure: Callable[[], GenerationError],
    ) -> Iterator[Pixels]:
        budget = _decode_budget(model)
        whole = decode.decoder(model.denoiser.vae, latents)

        def piece(window: decode.Window, pieces: decode.Pieces) -> torch.Tensor:
            sizes = [pieces]

            def smaller() -> bool:
                sizes.append(pieces.smaller(*render.size))
                return True

            remedies: list[Callable[[], bool]] = [partial(model.residency.keep_only, "vae"), smaller]
            return with_retries(lambda: whole(window, sizes[-1]), remedies, model.device, failure)

        def on_piece(done: int, count: int) -> None:
            model.device.synchronise()
            on_step(Phase.DECODING, done, count)

        yield from decode.pictures(
            piece,
            latents.shape[2],
            box=render.box,
            count=spec.frames,
            pieces=decode.Pieces.plan(*render.size, render.frames, budget),
            on_piece=on_piece,
        )
        model.known_sizes.record(render.pixels, _size_in_words(spec))

    def _too_large(self, model: LtxModel, spec: VideoSpec, render: Render) -> GenerationError:
        return GenerationError(
            "out_of_memory", asked=_size_in_words(spec), fits=model.known_sizes.advice(render.pixels)
        )


class Ltx23DistilledVideo(Ltx23Video):
    """The distilled checkpoint for drafts: its own eight noise levels, no guidance, no negative prompt."""

    name = "ltx2.3-distilled"

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint this pipeline is made of."""
        return self.settings.ltx_distilled

    def guidance(self, spec: VideoSpec) -> Guidance:
        """None: the distilled model has learned its result."""
        return Guidance.off()

    def levels(self, spec: VideoSpec, scheduler: FlowMatchEulerDiscreteScheduler) -> list[float]:
        """The eight it was distilled for."""
        return list(DISTILLED_SIGMA_VALUES)


class Ltx25Video(Ltx23DistilledVideo):
    """LTX-2.5: the same classes, distilled as published, with Gemma 4, and frames that were compressed less."""

    name = "ltx2.5"
    crf = 18

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint this pipeline is made of. Raises GenerationError("model_unavailable") where none is named."""
        if self.settings.ltx25 is None:
            raise GenerationError("model_unavailable", model=self.name, reason="LTX25_CHECKPOINT is empty.")
        return self.settings.ltx25


def _remedies(model: LtxModel, *names: str) -> list[Callable[[], bool]]:
    """What helps a phase that needs these parts and runs out of memory: the others leave; the large are streamed."""
    return [partial(model.residency.keep_only, *names), model.residency.lower]


def _encoded(model: LtxModel, spec: VideoSpec, guidance: Guidance, on_step: OnStep) -> EncodedTexts:
    """The prompt as the transformer reads it, and the negative prompt where it has an effect."""

    def encode(text: str) -> PromptFeatures:
        model.residency.bring("text_encoder", "connectors", told=partial(on_step, Phase.ENCODING))
        return model.text.encode(text)

    def features(text: str) -> PromptFeatures:
        return PROMPTS.get(model.identity, text, encode).on(model.device.torch_device)

    negative = features(spec.negative_prompt) if guidance.uses_negative_prompt else None
    return EncodedTexts(features(spec.prompt), negative)


def _decode_budget(model: LtxModel) -> int:
    """Pixels to decode at once: of few sizes, so that the same clip is cut the same way again."""
    if not model.device.is_gpu:
        return decode.HOST
    if model.residency.mode is Mode.LOW:
        return decode.TIGHT
    return (
        decode.WIDE if model.residency.has_room(DECODE_TENSORS * decode.BYTES_PER_PIXEL * decode.WIDE) else decode.ROOMY
    )


def _decode_bytes(render: Render, model: LtxModel) -> int:
    """About how much decoding needs beside the weights."""
    return DECODE_TENSORS * decode.BYTES_PER_PIXEL * min(render.pixels, _decode_budget(model))


def _size_in_words(spec: VideoSpec) -> str:
    return f"{spec.width} × {spec.height} for {spec.duration} s at {spec.frame_rate} frames a second"
