"""From latents to pictures and sound: in pieces of bounded size, each picture leaving the device as bytes.

The library's own decoding in pieces of time is not used: after its first piece it delivers every picture one
place late and loses the last one, which is the end frame.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video
from diffusers.pipelines.ltx2 import LTX2VocoderWithBWE

from videogen.pipelines.base import Pixels, Sound
from videogen.pipelines.ltx2.render import STRIDE

# Pixels decoded at once. A tensor of the decoder's widest level, 128 channels at a quarter of the width and
# height, takes 16 bytes a pixel in bfloat16.
BYTES_PER_PIXEL = 16
ROOMY = 140_000_000  # 1920 x 1088 x 64
TIGHT = 17_000_000  # 512 x 512 x 64
WINDOW, SHORTEST_WINDOW = 64, 32  # pictures; the makers decode 64 with 24 in common
SMALLEST_TILE = 256  # pixels
PICTURES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Pieces:
    """How a clip is cut for decoding.

    window: pictures of a piece, a multiple of 8. overlap: pictures two pieces in a row have in common and
    fade over, a multiple of 8 below the window. tile: side in pixels of a piece's tiles, None for no tiles.
    """

    window: int
    overlap: int
    tile: int | None = None

    @classmethod
    def plan(cls, width: int, height: int, frames: int, budget: int) -> "Pieces":
        """The fewest pieces of a clip for at most about `budget` pixels at once; the same ones every time."""
        area = width * height
        if area * frames <= budget:
            return cls(window=-(-frames // STRIDE) * STRIDE, overlap=0)
        window = min(WINDOW, max(SHORTEST_WINDOW, budget // area // STRIDE * STRIDE))
        pieces = cls(window=window, overlap=window * 3 // 8 // STRIDE * STRIDE)
        return pieces if area * window <= budget else pieces.tiled(budget)

    def tiled(self, budget: int) -> "Pieces":
        """The same windows in square tiles of at most about `budget` pixels."""
        side = math.isqrt(budget // self.window) // 64 * 64
        return replace(self, tile=max(SMALLEST_TILE, side))

    @property
    def pixels(self) -> int | None:
        """Pixels decoded at once, None where it depends on the picture's size."""
        return self.tile**2 * self.window if self.tile else None


@dataclass(frozen=True, slots=True)
class Window:
    """One piece: latents [start, stop), giving pictures [first, last) of the clip."""

    start: int
    stop: int

    @property
    def first(self) -> int:
        return self.start * STRIDE + 1 if self.start else 0

    @property
    def last(self) -> int:
        return (self.stop - 1) * STRIDE + 1


def windows(latent_frames: int, pieces: Pieces) -> list[Window]:
    """The pieces of a clip of so many latents, in order. The last one is as long as the others.

    A piece that does not begin the clip starts one latent early: the decoder makes one picture instead of
    eight of its first latent, and that picture is left out.
    """
    length, step = pieces.window // STRIDE, (pieces.window - pieces.overlap) // STRIDE
    end = latent_frames - 1
    starts = [0]
    while starts[-1] + length < end:
        starts.append(min(starts[-1] + step, end - length))
    return [Window(start, min(start + length, end) + 1) for start in starts]


def _decode_window(
    vae: AutoencoderKLLTX2Video, latents: torch.Tensor, window: Window, tile: int | None
) -> torch.Tensor:
    """Pictures [window.first, window.last) as (channels, pictures, height, width) in -1..1."""
    piece = latents[:, :, window.start : window.stop].to(vae.dtype)
    if tile is not None:
        vae.enable_tiling(
            tile_sample_min_height=tile,
            tile_sample_min_width=tile,
            tile_sample_stride_height=tile - 64,
            tile_sample_stride_width=tile - 64,
        )
    try:
        with torch.no_grad():
            pictures = vae.decode(piece, None, return_dict=False)[0]
    finally:
        # Left on, it would tile the encoding of the next job's start frame too.
        vae.use_tiling = False
    return pictures[0, :, 1:] if window.start else pictures[0]


def _fade(tail: torch.Tensor | None, pictures: torch.Tensor) -> None:
    """Fade in place from the end of the last piece to the beginning of this one."""
    if tail is None or not (count := tail.shape[1]):
        return
    weights = torch.arange(1, count + 1, device=tail.device, dtype=torch.float32) / (count + 1)
    weights = weights.view(1, count, 1, 1)
    head = pictures[:, :count]
    head.copy_(torch.lerp(tail.float(), head.float(), weights))


def to_bytes(decoded: torch.Tensor) -> Pixels:
    """(channels, pictures, height, width) in -1..1 as (pictures, height, width, channels) host bytes."""
    scaled = (decoded.float() * 0.5).add_(0.5).clamp_(0, 1).mul_(255).round_()
    return scaled.to(torch.uint8).permute(1, 2, 3, 0).contiguous().cpu().numpy()


Decode = Callable[[Window, Pieces], torch.Tensor]


def decoder(vae: AutoencoderKLLTX2Video, latents: torch.Tensor) -> Decode:
    """What decodes one piece of `latents`, (1, channels, frames, height, width) and not normalised."""
    return lambda window, pieces: _decode_window(vae, latents, window, pieces.tile)


def pictures(
    decode: Decode,
    latent_frames: int,
    *,
    box: tuple[int, int, int, int],
    count: int,
    pieces: Pieces,
    on_piece: Callable[[int, int], None],
) -> Iterator[Pixels]:
    """Yield the first `count` pictures of a clip, cropped to `box`, decoding a piece when its first is due.

    decode: gives the pictures of one piece. on_piece: told (pieces done, pieces) after each.
    """
    left, top, right, bottom = box
    plan = [window for window in windows(latent_frames, pieces) if window.first < count]
    ends = [window.first for window in plan[1:]] + [count]
    tail: torch.Tensor | None = None
    for done, (window, end) in enumerate(zip(plan, ends, strict=True), start=1):
        decoded = decode(window, pieces)[:, :, top:bottom, left:right]
        _fade(tail, decoded)
        on_piece(done, len(plan))
        due = end - window.first
        tail = decoded[:, due:].clone()
        for at in range(0, due, PICTURES_AT_ONCE):
            yield from to_bytes(decoded[:, at : min(at + PICTURES_AT_ONCE, due)])
        del decoded


@torch.no_grad()
def sound(audio_vae: AutoencoderKLLTX2Audio, vocoder: LTX2VocoderWithBWE, latents: torch.Tensor, seconds: int) -> Sound:
    """The sound of the clip, exactly `seconds` long.

    latents: (1, channels, frames, mel bins), not normalised. Raises RuntimeError where they do not last.
    """
    spectrum = audio_vae.decode(latents.to(audio_vae.dtype), return_dict=False)[0]
    wave = vocoder(spectrum.to(vocoder.dtype))[0]
    rate = int(vocoder.config.output_sampling_rate)
    wanted = seconds * rate
    if wave.shape[1] < wanted:
        raise RuntimeError(f"the sound has {wave.shape[1]} samples, {wanted} are needed")
    samples = wave[:, :wanted].T.contiguous().float().cpu().numpy()
    return Sound(samples.astype(np.float32, copy=False), rate)
