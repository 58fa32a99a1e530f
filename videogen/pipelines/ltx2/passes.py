"""The passes of one denoising step through the transformer, one sample at a time.

What a step's passes have in common is computed once: rotary embeddings once a clip, the modulation and the tokens'
first projection once a step. The perturbed pass begins with what the plain one gave its block.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from videogen.pipelines.ltx2.block import Modulation, Places, Rotary, Runs, run_block, scaled

Tokens = tuple[torch.Tensor, torch.Tensor]  # of the picture (1, tokens, width) and of the sound (1, tokens, width)
RunBlock = Callable[..., Tokens]
BLOCKS_A_REPORT = 8  # after so many blocks the device is waited for; on a slow one a pass takes minutes


def runs_of(mask: torch.Tensor) -> tuple[Runs, tuple[float, ...]]:
    """The segments of a clip and, by row, what part of the noise level their tokens see.

    mask: (1, tokens, 1), 1 where a token is given, 0 where it is all noise.
    """
    values, counts = torch.unique_consecutive(mask[0, :, 0].cpu(), return_counts=True)
    shares = [1.0 - float(value) for value in values]
    rows = tuple(sorted(set(shares)))
    stops = counts.cumsum(0).tolist()
    starts = [0, *stops[:-1]]
    return tuple((a, b, rows.index(share)) for a, b, share in zip(starts, stops, shares, strict=True)), rows


@dataclass(frozen=True, slots=True)
class Step:
    """What all passes of a step begin and end with."""

    tokens: Tokens
    modulation: Modulation
    video_embedded: torch.Tensor  # (rows, D)
    audio_embedded: torch.Tensor  # (1, A)


class Transformer:
    """An LTX2VideoTransformer3DModel of 2.3, run block by block for one clip.

    mask: see `runs_of`. coordinates: of the tokens of picture and sound, as the library's pipeline makes them.
    run: `run_block` or the same compiled. report: called every few blocks; what it raises ends the pass.
    """

    def __init__(
        self,
        model: Any,
        mask: torch.Tensor,
        coordinates: Tokens,
        *,
        run: RunBlock = run_block,
        report: Callable[[], object] = bool,
    ) -> None:
        self._model = model
        self.tokens = mask.shape[1]
        self.runs, self._shares = runs_of(mask)
        self._places = _places(model, *coordinates)
        self.run = run
        self._report = report

    def begin(self, video: torch.Tensor, audio: torch.Tensor, timestep: torch.Tensor) -> Step:
        """What the passes of a step at `timestep` (noise level x 1000) share. video, audio: packed latents."""
        model = self._model
        given = {"batch_size": 1, "hidden_dtype": video.dtype}
        level = timestep.reshape(1)
        shares = torch.tensor(self._shares, device=level.device, dtype=level.dtype)
        rows, embedded = model.time_embed(level * shares, **given)
        sound, sound_embedded = model.audio_time_embed(level, **given)
        gate = level * (model.config.cross_attn_timestep_scale_multiplier / model.config.timestep_scale_multiplier)
        modulation = Modulation(
            rows,
            sound,
            model.prompt_adaln(level, **given)[0],
            model.audio_prompt_adaln(level, **given)[0],
            model.av_cross_attn_video_scale_shift(level, **given)[0],
            model.av_cross_attn_audio_scale_shift(level, **given)[0],
            model.av_cross_attn_video_a2v_gate(gate, **given)[0],
            model.av_cross_attn_audio_v2a_gate(gate, **given)[0],
        )
        return Step((model.proj_in(video), model.audio_proj_in(audio)), modulation, embedded, sound_embedded)

    def plain(self, step: Step, text: Tokens, keep: int | None = None) -> tuple[Tokens, Tokens | None]:
        """The velocities for `text`, and what the block number `keep` was given."""
        kept: Tokens | None = None
        video, audio = step.tokens
        for number, block in enumerate(self._model.transformer_blocks):
            if number == keep:
                kept = video, audio
            video, audio = self._block(number, block, video, audio, text, step)
        return self._finish(step, video, audio), kept

    def perturbed(self, step: Step, text: Tokens, first: int, kept: Tokens) -> Tokens:
        """The velocities with block `first` perturbed, from what it was given in the plain pass."""
        video, audio = kept
        for number, block in enumerate(self._model.transformer_blocks[first:], start=first):
            video, audio = self._block(number, block, video, audio, text, step, perturbed=number == first)
        return self._finish(step, video, audio)

    def isolated(self, step: Step, text: Tokens) -> Tokens:
        """The velocities where picture and sound do not see each other."""
        video, audio = step.tokens
        for number, block in enumerate(self._model.transformer_blocks):
            video, audio = self._block(number, block, video, audio, text, step, isolated=True)
        return self._finish(step, video, audio)

    def _block(
        self,
        number: int,
        block: Any,
        video: torch.Tensor,
        audio: torch.Tensor,
        text: Tokens,
        step: Step,
        *,
        isolated: bool = False,
        perturbed: bool = False,
    ) -> Tokens:
        made = self.run(
            block,
            video,
            audio,
            *text,
            step.modulation,
            self._places,
            self.runs,
            isolated=isolated,
            perturbed=perturbed,
        )
        if (number + 1) % BLOCKS_A_REPORT == 0:
            self._report()
        return made

    def _finish(self, step: Step, video: torch.Tensor, audio: torch.Tensor) -> Tokens:
        model = self._model
        rows = model.scale_shift_table + step.video_embedded.unsqueeze(1)
        sound = model.audio_scale_shift_table + step.audio_embedded.unsqueeze(1)
        seen = model.proj_out(scaled(model.norm_out(video), rows, 1, 0, self.runs))
        heard = scaled(model.audio_norm_out(audio), sound, 1, 0, ((0, audio.shape[1], 0),))
        return seen.float(), model.audio_proj_out(heard).float()


def _places(model: Any, video: torch.Tensor, audio: torch.Tensor) -> Places:
    def rotary(made: Rotary) -> Rotary:
        cos, sin = made  # (1, heads, tokens, width)
        return cos.transpose(1, 2).contiguous(), sin.transpose(1, 2).contiguous()

    return Places(
        rotary(model.rope(video, device=video.device)),
        rotary(model.audio_rope(audio, device=video.device)),
        rotary(model.cross_attn_rope(video[:, 0:1], device=video.device)),
        rotary(model.cross_attn_audio_rope(audio[:, 0:1], device=video.device)),
    )
