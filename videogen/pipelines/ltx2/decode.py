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
from videogen.pipelines.ltx2.render import GRID, STRIDE

# Pixels decoded at once. A tensor of the decoder's widest level, 128 channels at a quarter of the width and
# height, takes 16 bytes a pixel in bfloat16.
BYTES_PER_PIXEL = 16
WIDE = 255_000_000  # 1920 x 1088 x 121; its widest tensor has just below 2^31 numbers, which kernels count in 32 bits
ROOMY = 140_000_000  # 1920 x 1088 x 64
TIGHT = 17_000_000  # 512 x 512 x 64
HOST = 2_100_000  # 256 x 256 x 32: where the host's memory is the device's, the clip shares it with all the rest
SHORTEST_WINDOW = 32  # pictures
OVERLAP = 24  # pictures that two windows have in common at most; the makers decode 64 with 24 in common
SMALLEST_TILE = 256  # pixels
TILE_OVERLAP = 2  # latents: 64 pixels, as the makers have it
PICTURES_AT_ONCE = 4
WAITING_BYTES = 512 * 2**20  # of pictures between decoder and encoder: 85 of 1920 x 1080


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
        # As long as fits: what windows have in common is decoded twice.
        window = max(SHORTEST_WINDOW, budget // area // STRIDE * STRIDE)
        pieces = cls(window=window, overlap=min(OVERLAP, window * 3 // 8 // STRIDE * STRIDE))
        return pieces if area * window <= budget else pieces.tiled(budget)

    def tiled(self, budget: int) -> "Pieces":
        """The same windows in square tiles of at most about `budget` pixels."""
        side = math.isqrt(budget // self.window) // 64 * 64
        return replace(self, tile=max(SMALLEST_TILE, side))

    def smaller(self, width: int, height: int) -> "Pieces":
        """The same windows of a clip of this size in tiles of a quarter of the pixels."""
        area = min(self.tile**2, width * height) if self.tile else width * height
        return self.tiled(area * self.window // 4)


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


def _starts(length: int, tile: int) -> list[int]:
    """Where tiles of side `tile` begin along `length` latents, at least TILE_OVERLAP of them in common."""
    if length <= tile:
        return [0]
    return [*range(0, length - tile, tile - TILE_OVERLAP), length - tile]


def _ramp(begin: int, before: int, size: int, device: torch.device) -> torch.Tensor:
    """Weights of a tile along one axis: from 0 to 1 over what it has in common with the tile before it."""
    weights = torch.ones(size, device=device)
    if begin:
        count = (before - begin) * GRID
        weights[:count] = torch.arange(1, count + 1, device=device) / (count + 1)
    return weights


def _decode_tiles(vae: AutoencoderKLLTX2Video, piece: torch.Tensor, tile: int) -> torch.Tensor:
    """The pictures of `piece` decoded tile by tile of `tile` latents, every tile faded over its neighbours."""
    _, _, frames, height, width = piece.shape
    size = (3, (frames - 1) * STRIDE + 1, height * GRID, width * GRID)
    # Half precision holds -1..1 sixteen times finer than a byte does, and half of a float's memory.
    whole = torch.zeros(size, dtype=torch.float16, device=piece.device)
    rows, columns = _starts(height, tile), _starts(width, tile)
    for row, top in enumerate(rows):
        for column, left in enumerate(columns):
            part = vae.decode(piece[..., top : top + tile, left : left + tile], None, return_dict=False)[0][0]
            down = _ramp(top, rows[row - 1] + tile, part.shape[2], part.device)
            across = _ramp(left, columns[column - 1] + tile, part.shape[3], part.device)
            place = whole[..., top * GRID :, left * GRID :][..., : part.shape[2], : part.shape[3]]
            _blend(place, part, down[:, None] * across)
            del part  # before the next one is made
    return whole


def _blend(place: torch.Tensor, part: torch.Tensor, weights: torch.Tensor) -> None:
    """Fade `part` over `place`, picture by picture: a copy of all of them would be as large as the tile."""
    for at in range(part.shape[1]):
        place[:, at] = place[:, at].to(weights.dtype).lerp_(part[:, at].to(weights.dtype), weights)


def _decode_window(
    vae: AutoencoderKLLTX2Video, latents: torch.Tensor, window: Window, tile: int | None
) -> torch.Tensor:
    """Pictures [window.first, window.last) as (channels, pictures, height, width) in -1..1."""
    piece = latents[:, :, window.start : window.stop].to(vae.dtype)
    with torch.no_grad():
        if tile is None or tile >= max(piece.shape[3:]) * GRID:
            decoded = vae.decode(piece, None, return_dict=False)[0][0]
        else:
            decoded = _decode_tiles(vae, piece, tile // GRID)
    return decoded[:, 1:] if window.start else decoded


def _fade(tail: torch.Tensor, pictures: torch.Tensor) -> None:
    """Fade in place from the end of the last piece to the beginning of this one, picture by picture."""
    count = tail.shape[1]
    for at in range(count):
        old, new = tail[:, at].float(), pictures[:, at].float()
        pictures[:, at] = old.lerp_(new, (at + 1) / (count + 1))


def to_bytes(decoded: torch.Tensor) -> Pixels:
    """(channels, pictures, height, width) in -1..1 as (pictures, height, width, channels) host bytes."""
    scaled = decoded.to(torch.float32, copy=True).mul_(0.5).add_(0.5).clamp_(0, 1).mul_(255).round_()
    pixels: Pixels = scaled.to(torch.uint8).permute(1, 2, 3, 0).contiguous().cpu().numpy()
    return pixels


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
        if tail is not None:
            _fade(tail, decoded)
            tail = None
        on_piece(done, len(plan))
        due = end - window.first
        for at in range(0, due, PICTURES_AT_ONCE):
            yield from to_bytes(decoded[:, at : min(at + PICTURES_AT_ONCE, due)])
        tail = decoded[:, due:].clone()
        del decoded


def sound(audio_vae: AutoencoderKLLTX2Audio, vocoder: LTX2VocoderWithBWE, latents: torch.Tensor, seconds: int) -> Sound:
    """The sound of the clip, exactly `seconds` long.

    latents: (1, channels, frames, mel bins), not normalised. Raises RuntimeError where they do not last.
    """
    with torch.no_grad():
        spectrum = audio_vae.decode(latents.to(audio_vae.dtype), return_dict=False)[0]
        wave = vocoder(spectrum.to(vocoder.dtype))[0]
    rate = int(vocoder.config.output_sampling_rate)
    wanted = seconds * rate
    if wave.shape[1] < wanted:
        raise RuntimeError(f"the sound has {wave.shape[1]} samples, {wanted} are needed")
    samples = wave[:, :wanted].T.contiguous().float().cpu().numpy()
    return Sound(samples.astype(np.float32, copy=False), rate)
