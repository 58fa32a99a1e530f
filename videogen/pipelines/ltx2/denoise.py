"""The denoising loop: the mathematics of the library's pipeline around `passes`, for one clip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from videogen.pipelines.ltx2.guidance import Guidance
from videogen.pipelines.ltx2.passes import Step, Tokens, Transformer

NONE = Guidance.off()


@dataclass(frozen=True, slots=True)
class Start:
    """A clip before its first step.

    video, audio: packed latents with noise, float32. mask: (1, tokens, 1), 1 where a token is given. clean: the given
    tokens, zeros elsewhere. coordinates: of the tokens of picture and sound.
    """

    video: torch.Tensor
    audio: torch.Tensor
    mask: torch.Tensor
    clean: torch.Tensor
    coordinates: Tokens


@dataclass(frozen=True, slots=True)
class Texts:
    """The prompt and the negative prompt as the transformer reads them; the second is None where it has no effect."""

    prompt: Tokens
    negative: Tokens | None = None


def denoise(
    transformer: Transformer,
    start: Start,
    texts: Texts,
    levels: Sequence[float],
    guidance: Guidance,
    perturbed: int,
    on_pass: Callable[[int], object],
    on_step: Callable[[int, Tokens], object] = lambda done, latents: None,
    skip: int = 0,
) -> Tokens:
    """The latents after all steps, packed: picture (1, tokens, channels), sound (1, tokens, channels).

    levels: the noise level of each step. perturbed: the block of the perturbed pass. on_pass: told the steps that are
    done after each pass. on_step: told them after each step, with its latents. What they raise ends the loop. Every
    step is the library's, in the same order of operations; with `skip`, so many after each guided one are shortcuts.
    """
    video, audio = start.video, start.audio
    dtype = texts.prompt[0].dtype
    differences: dict[str, Tokens] = {}
    for index, (level, following) in enumerate(zip(levels, [*levels[1:], 0.0], strict=True)):
        now = torch.tensor(level, dtype=torch.float32, device=video.device)
        step = transformer.begin(video.to(dtype), audio.to(dtype), now * 1000)
        guides = is_guided(index, skip)
        velocities = _passes(transformer, step, texts, guidance if guides else NONE, perturbed, partial(on_pass, index))
        if not guides:  # what the other passes would say differs from the prompt's as it did in the last guided step
            velocities |= {name: _minus(velocities["prompt"], one) for name, one in differences.items()}
        elif skip:
            prompt = velocities["prompt"]
            differences = {name: _minus(prompt, one) for name, one in velocities.items() if one is not prompt}
        found = guided({name: _clean(video, audio, one, now) for name, one in velocities.items()}, guidance)
        seen = found[0] * (1 - start.mask) + start.clean * start.mask
        change = torch.tensor(following, dtype=torch.float32, device=video.device) - now
        video = video + change * ((video - seen) / now)
        audio = audio + change * ((audio - found[1]) / now)
        on_pass(index + 1)
        on_step(index + 1, (video, audio))
    return video, audio


def is_guided(index: int, skip: int) -> bool:
    """Whether a step of a stage, counted from 0, asks for all passes of the guidance."""
    return index % (skip + 1) == 0


def _minus(one: Tokens, other: Tokens) -> Tokens:
    return one[0] - other[0], one[1] - other[1]


def _passes(
    transformer: Transformer,
    step: Step,
    texts: Texts,
    guidance: Guidance,
    perturbed: int,
    on_pass: Callable[[], object],
) -> dict[str, Tokens]:
    """The velocities of each pass the guidance asks for. The last one is told by the step's end."""
    made: dict[str, Tokens] = {}
    keep = perturbed if guidance.uses_perturbation else None
    made["prompt"], kept = transformer.plain(step, texts.prompt, keep)
    if kept is not None:
        on_pass()
        made["perturbed"] = transformer.perturbed(step, texts.prompt, perturbed, kept)
        del kept
    if texts.negative is not None and guidance.uses_negative_prompt:
        on_pass()
        made["negative"], _ = transformer.plain(step, texts.negative)
    if guidance.uses_isolation:
        on_pass()
        made["isolated"] = transformer.isolated(step, texts.prompt)
    return made


def _clean(video: torch.Tensor, audio: torch.Tensor, velocity: Tokens, level: torch.Tensor) -> Tokens:
    """What a pass believes to be there without noise."""
    return video - velocity[0] * level, audio - velocity[1] * level


def guided(found: dict[str, Tokens], guidance: Guidance) -> Tokens:
    """One belief out of those of the passes, for picture and sound."""
    scales = (
        (guidance.guidance_scale, guidance.stg_scale, guidance.modality_scale, guidance.guidance_rescale),
        (
            guidance.audio_guidance_scale,
            guidance.audio_stg_scale,
            guidance.audio_modality_scale,
            guidance.audio_guidance_rescale,
        ),
    )
    seen, heard = (_guided({name: one[kind] for name, one in found.items()}, *scales[kind]) for kind in (0, 1))
    return seen, heard


def _guided(found: dict[str, torch.Tensor], scale: float, stg: float, modality: float, rescale: float) -> torch.Tensor:
    prompt = found["prompt"]
    total = prompt
    for name, factor in (("negative", scale - 1), ("perturbed", stg), ("isolated", modality - 1)):
        if name in found:
            total = total + factor * (prompt - found[name])
    if rescale <= 0:
        return total
    dims = list(range(1, prompt.ndim))
    spread = total * (prompt.std(dim=dims, keepdim=True) / total.std(dim=dims, keepdim=True))
    return rescale * spread + (1 - rescale) * total
