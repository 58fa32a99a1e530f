"""One block of LTX-2.3's transformer for one sample, in as few passes over memory as the same result takes.

The library's block modulates every token by numbers of its own, although a clip has two or three kinds of tokens: the
start frame, the noisy ones, the end frame. Here each kind is one segment of the sequence with one row of numbers. What
was just made is changed in place. Everything that decides which operations run is a plain Python value, so that the
function compiles to one graph for each of its three forms (docs/decisions/0049).
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812  (as everybody writes it)

Runs = tuple[tuple[int, int, int], ...]  # (start, stop, row): tokens start..stop-1 take the numbers of that row
Rotary = tuple[torch.Tensor, torch.Tensor]  # cos and sin, each (1, tokens, heads, half of a head's width)

# Where the numbers of a modulation stand, as the library orders them.
SHIFT, SCALE, GATE = 0, 1, 2  # of the self-attention
FF_SHIFT, FF_SCALE, FF_GATE = 3, 4, 5
TEXT_SHIFT, TEXT_SCALE, TEXT_GATE = 6, 7, 8


class Modulation(NamedTuple):
    """What the noise level of a step makes of every block. Widths: D of the picture, A of the sound.

    video (rows, 9 D), audio (1, 9 A): of the tokens. video_text (1, 2 D), audio_text (1, 2 A): of the prompt.
    video_cross (1, 4 D), audio_cross (1, 4 A), video_gate (1, D), audio_gate (1, A): between picture and sound.
    """

    video: torch.Tensor
    audio: torch.Tensor
    video_text: torch.Tensor
    audio_text: torch.Tensor
    video_cross: torch.Tensor
    audio_cross: torch.Tensor
    video_gate: torch.Tensor
    audio_gate: torch.Tensor


class Places(NamedTuple):
    """Rotary embeddings of a clip: of the tokens among themselves, and between picture and sound."""

    video: Rotary
    audio: Rotary
    video_cross: Rotary
    audio_cross: Rotary


def run_block(
    block: Any,
    video: torch.Tensor,
    audio: torch.Tensor,
    video_text: torch.Tensor,
    audio_text: torch.Tensor,
    modulation: Modulation,
    places: Places,
    runs: Runs,
    *,
    isolated: bool,
    perturbed: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What a block makes of video (1, tokens, D) and audio (1, tokens, A); neither is changed.

    block: an LTX2VideoTransformerBlock. isolated: picture and sound do not see each other. perturbed: the
    self-attention passes on its values.
    """
    rows = block.scale_shift_table + modulation.video.unflatten(1, (9, -1))
    sound = block.audio_scale_shift_table + modulation.audio.unflatten(1, (9, -1))
    all_sound: Runs = ((0, audio.shape[1], 0),)

    seen = modulated(video, rows, SCALE, SHIFT, runs)
    video = added(video, attend(block.attn1, seen, rotary=places.video, perturbed=perturbed), rows, GATE, runs)
    heard = modulated(audio, sound, SCALE, SHIFT, all_sound)
    heard = attend(block.audio_attn1, heard, rotary=places.audio, perturbed=perturbed)
    audio = added(audio, heard, sound, GATE, all_sound)

    words = _for_prompt(video_text, block.prompt_scale_shift_table, modulation.video_text)
    seen = modulated(video, rows, TEXT_SCALE, TEXT_SHIFT, runs)
    video = added(video, attend(block.attn2, seen, words), rows, TEXT_GATE, runs)
    words = _for_prompt(audio_text, block.audio_prompt_scale_shift_table, modulation.audio_text)
    heard = modulated(audio, sound, TEXT_SCALE, TEXT_SHIFT, all_sound)
    audio = added(audio, attend(block.audio_attn2, heard, words), sound, TEXT_GATE, all_sound)

    if not isolated:
        video, audio = _exchange(block, video, audio, modulation, places)

    video = added(video, block.ff(modulated(video, rows, FF_SCALE, FF_SHIFT, runs)), rows, FF_GATE, runs)
    heard = block.audio_ff(modulated(audio, sound, FF_SCALE, FF_SHIFT, all_sound))
    return video, added(audio, heard, sound, FF_GATE, all_sound)


def _exchange(
    block: Any, video: torch.Tensor, audio: torch.Tensor, modulation: Modulation, places: Places
) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture and sound attend to each other, both as they were before."""
    tables = block.video_a2v_cross_attn_scale_shift_table, block.audio_a2v_cross_attn_scale_shift_table
    for_video = tables[0][:4] + modulation.video_cross.unflatten(1, (4, -1))[0]
    for_audio = tables[1][:4] + modulation.audio_cross.unflatten(1, (4, -1))[0]
    seen, heard = _normalised(video), _normalised(audio)

    context = seen * (1 + for_video[2]) + for_video[3]
    query = heard * (1 + for_audio[2]) + for_audio[3]
    to_audio = attend(
        block.video_to_audio_attn, query, context, rotary=places.audio_cross, key_rotary=places.video_cross
    )
    del context
    query = seen.mul_(1 + for_video[0]).add_(for_video[1])
    context = heard.mul_(1 + for_audio[0]).add_(for_audio[1])
    to_video = attend(
        block.audio_to_video_attn, query, context, rotary=places.video_cross, key_rotary=places.audio_cross
    )
    video = to_video.mul_(tables[0][4] + modulation.video_gate).add_(video)
    return video, to_audio.mul_(tables[1][4] + modulation.audio_gate).add_(audio)


def _for_prompt(text: torch.Tensor, table: torch.Tensor, modulation: torch.Tensor) -> torch.Tensor:
    """The prompt as a block reads it at a noise level."""
    shift, scale = (table + modulation.unflatten(1, (2, -1))[0]).unbind(0)
    return text * (1 + scale) + shift


def _normalised(tokens: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(tokens, tokens.shape[-1:], eps=1e-6)


def modulated(tokens: torch.Tensor, rows: torch.Tensor, scale: int, shift: int, runs: Runs) -> torch.Tensor:
    """`tokens` normalised, then scaled and shifted by the rows of their segments."""
    return scaled(_normalised(tokens), rows, scale, shift, runs)


def scaled(fresh: torch.Tensor, rows: torch.Tensor, scale: int, shift: int, runs: Runs) -> torch.Tensor:
    """`fresh`, which nobody else holds, scaled and shifted in place by the rows of its segments."""
    for start, stop, row in runs:
        fresh[:, start:stop].mul_(1 + rows[row, scale]).add_(rows[row, shift])
    return fresh


def added(tokens: torch.Tensor, fresh: torch.Tensor, rows: torch.Tensor, gate: int, runs: Runs) -> torch.Tensor:
    """`tokens` plus `fresh` times the gates of its segments, in the memory of `fresh`."""
    for start, stop, row in runs:
        fresh[:, start:stop].mul_(rows[row, gate])
    return fresh.add_(tokens)


def attend(
    attention: Any,
    tokens: torch.Tensor,
    context: torch.Tensor | None = None,
    *,
    rotary: Rotary | None = None,
    key_rotary: Rotary | None = None,
    perturbed: bool = False,
) -> torch.Tensor:
    """What an LTX2Attention gives for `tokens`, which attend to `context` or to themselves. No mask.

    The text has none to apply: the connectors fill what no word needs with registers, which count.
    """
    around = tokens if context is None else context
    value = attention.to_v(around)
    if perturbed:
        mixed = value.unflatten(2, (attention.heads, -1))
    else:
        query = _by_head(attention.norm_q(attention.to_q(tokens)), attention.heads, rotary)
        key = _by_head(attention.norm_k(attention.to_k(around)), attention.heads, key_rotary or rotary)
        value = value.unflatten(2, (attention.heads, -1)).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        del query, key, value
    if attention.to_gate_logits is not None:
        gates = 2.0 * torch.sigmoid(attention.to_gate_logits(tokens))
        mixed.mul_(gates.unsqueeze(-1))
    return attention.to_out[0](mixed.flatten(2, 3))


def _by_head(tokens: torch.Tensor, heads: int, rotary: Rotary | None) -> torch.Tensor:
    """(1, tokens, heads x width) as (1, heads, tokens, width), rotated by the places of the tokens."""
    split = tokens.unflatten(2, (heads, -1))
    return (split if rotary is None else rotated(split, rotary)).transpose(1, 2)


def rotated(split: torch.Tensor, rotary: Rotary) -> torch.Tensor:
    """(1, tokens, heads, width): the first half of each head's width turned against the second, in float32."""
    cos, sin = rotary
    first, second = split.chunk(2, dim=-1)
    turned = torch.empty_like(split)
    half = split.shape[-1] // 2
    turned[..., :half] = torch.addcmul(first * cos, second.float(), sin, value=-1)
    turned[..., half:] = torch.addcmul(second * cos, first.float(), sin)
    return turned
