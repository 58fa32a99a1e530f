"""Decoding in pieces: which piece gives which picture, how pieces meet, and what leaves the device."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.fixtures import small_ltx
from tests.fixtures.ltx import Forwards
from tests.fixtures.tree import ROOT
from videogen.media.mp4 import probe
from videogen.pipelines.ltx2 import decode
from videogen.pipelines.ltx2.decode import Pieces, Window, windows

WHOLE = Pieces(window=128, overlap=0)


@pytest.fixture
def vae(model: Any) -> Any:
    return model.denoiser.vae


def latents(frames: int, seed: int = 0, side: int = 2) -> torch.Tensor:
    return torch.randn((1, 128, frames, side, side), generator=torch.Generator().manual_seed(seed))


def decoded(vae: Any, z: torch.Tensor, pieces: Pieces, count: int | None = None) -> np.ndarray:
    frames = z.shape[2] * 8 - 7
    box = (0, 0, z.shape[4] * 32, z.shape[3] * 32)
    return np.stack(
        list(
            decode.pictures(
                decode.decoder(vae, z),
                z.shape[2],
                box=box,
                count=count or frames,
                pieces=pieces,
                on_piece=lambda done, of: None,
            )
        )
    )


@pytest.mark.parametrize("latent_frames", [1, 2, 4, 9, 10, 13, 16, 31])
@pytest.mark.parametrize(("window", "overlap"), [(64, 24), (32, 8), (40, 8), (64, 0)])
def test_the_pieces_cover_every_picture_once_in_order(latent_frames: int, window: int, overlap: int) -> None:
    found = windows(latent_frames, Pieces(window=window, overlap=overlap))
    assert found[0].first == 0
    assert found[-1].last == latent_frames * 8 - 7
    for before, after in itertools.pairwise(found):
        assert before.first < after.first
        assert before.last - after.first >= overlap
        assert before.last < after.last
    # The last one is no shorter: a decoder that sees less around a picture makes another picture.
    assert {piece.stop - piece.start for piece in found} == {min(window // 8 + 1, latent_frames)}


def test_one_piece_gives_the_very_pictures_of_the_library(vae: Any) -> None:
    from diffusers.video_processor import VideoProcessor

    z = latents(4)
    with torch.no_grad():
        stock = VideoProcessor(vae_scale_factor=32).postprocess_video(vae.decode(z).sample, output_type="np")[0]
    assert np.array_equal(decoded(vae, z, WHOLE), (stock * 255).round().astype(np.uint8))


def nearest_shift(pictures: np.ndarray, whole: np.ndarray, at: int) -> int:
    """By how many places picture `at` is displaced against the clip decoded in one piece."""
    differences = {
        shift: np.abs(pictures[at].astype(int) - whole[at + shift].astype(int)).mean()
        for shift in range(-3, 4)
        if 0 <= at + shift < len(whole)
    }
    return min(differences, key=differences.__getitem__)


def test_every_picture_of_every_piece_is_in_its_place(vae: Any) -> None:
    z = latents(16)
    whole = decoded(vae, z, WHOLE)
    pictures = decoded(vae, z, Pieces(window=64, overlap=24))
    assert len(pictures) == len(whole) == 121
    assert {nearest_shift(pictures, whole, at) for at in (0, 20, 44, 60, 80, 100, 119, 120)} == {0}


def test_the_librarys_own_pieces_of_time_are_one_picture_late(vae: Any) -> None:
    # Why decode.pictures exists. Should this fail one day, the library has been mended.
    z = latents(16)
    whole = decoded(vae, z, WHOLE)
    vae.use_framewise_decoding = True
    vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = 64, 40
    try:
        with torch.no_grad():
            stock = decode.to_bytes(vae.decode(z).sample[0])
    finally:
        vae.use_framewise_decoding = False
        vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames = 16, 8
    assert nearest_shift(stock, whole, 20) == 0
    assert nearest_shift(stock, whole, 120) == -1


@pytest.mark.parametrize("second", [torch.float32, torch.float16])  # as it is where only the second was cut in tiles
def test_pieces_fade_over_in_a_straight_line(second: torch.dtype) -> None:
    def decode_piece(window: Window, pieces: Pieces) -> torch.Tensor:
        size = (3, window.last - window.first, 32, 32)
        return torch.full(size, 1.0, dtype=second) if window.start else torch.full(size, -1.0)

    frames = decode.pictures(
        decode_piece,
        14,
        box=(0, 0, 32, 32),
        count=105,
        pieces=Pieces(window=64, overlap=24),
        on_piece=lambda done, of: None,
    )
    levels = [(int(picture.min()), int(picture.max())) for picture in frames]
    expected = [0] * 41 + [255 * (at + 1) / 25 for at in range(24)] + [255] * 40
    assert [low for low, _ in levels] == pytest.approx(expected, abs=0.6)
    assert all(low == high for low, high in levels)


def test_a_piece_that_no_picture_is_taken_from_is_not_decoded(vae: Any) -> None:
    told: list[tuple[int, int]] = []
    frames = decode.pictures(
        decode.decoder(vae, latents(16)),
        16,
        box=(0, 0, 64, 64),
        count=10,
        pieces=Pieces(window=64, overlap=24),
        on_piece=lambda done, of: told.append((done, of)),
    )
    assert len(list(frames)) == 10
    assert told == [(1, 1)]


def test_no_piece_is_decoded_before_its_first_picture_is_due(vae: Any) -> None:
    told: list[tuple[int, int]] = []
    frames = decode.pictures(
        decode.decoder(vae, latents(16)),
        16,
        box=(0, 0, 64, 64),
        count=120,
        pieces=Pieces(window=64, overlap=24),
        on_piece=lambda done, of: told.append((done, of)),
    )
    with Forwards(vae.decoder) as decoder:
        assert (len(decoder), told) == (0, [])
        next(frames)
        assert (len(decoder), told) == (1, [(1, 3)])
        assert len(list(frames)) == 119
        assert (len(decoder), told) == (3, [(1, 3), (2, 3), (3, 3)])


def test_tiles_in_space_keep_the_size_and_the_picture(vae: Any) -> None:
    z = latents(2, side=12)
    whole = decoded(vae, z, WHOLE)
    tiled = decoded(vae, z, Pieces(window=128, overlap=0, tile=256))
    assert tiled.shape == whole.shape == (9, 384, 384, 3)
    assert not np.array_equal(tiled, whole)
    assert np.abs(tiled.astype(int) - whole.astype(int)).mean() < 20
    # Far from any seam a tile is nearly the whole picture's own part.
    assert np.abs(tiled[:, :96, :96].astype(int) - whole[:, :96, :96].astype(int)).mean() < 1


@pytest.mark.parametrize("axis", [2, 3], ids=["down", "across"])
def test_every_tile_fades_in_over_the_64_pixels_it_shares_with_the_one_before(vae: Any, axis: int) -> None:
    # 640 x 256 pixels in three tiles of 256, which begin at 0, 192 and 384.
    z = torch.randn((1, 128, 1, 8, 20), generator=torch.Generator().manual_seed(3))
    z = z if axis == 3 else z.transpose(3, 4)
    tiled = decode.decoder(vae, z)(Window(0, 1), Pieces(window=128, overlap=0, tile=256))
    expected = torch.zeros(tiled.shape)
    for begin in (0, 192, 384):
        part = decode.decoder(vae, z.narrow(axis + 1, begin // 32, 8))(Window(0, 1), WHOLE)
        weights = torch.ones(256)
        if begin:
            weights[:64] = torch.arange(1, 65) / 65
        place = expected.narrow(axis, begin, 256)
        place.lerp_(part, weights.view([-1 if at == axis else 1 for at in range(4)]))
    torch.testing.assert_close(tiled.float(), expected, rtol=0, atol=0.3 / 127.5)  # a third of a byte


@pytest.mark.parametrize(
    ("size", "budget", "pieces"),
    [
        ((1280, 704, 121), decode.ROOMY, Pieces(window=128, overlap=0)),
        ((1920, 1088, 121), decode.ROOMY, Pieces(window=64, overlap=24)),
        ((1920, 1088, 241), decode.ROOMY, Pieces(window=64, overlap=24)),
        ((1280, 704, 201), decode.ROOMY, Pieces(window=152, overlap=24)),
        ((1920, 1088, 121), decode.WIDE, Pieces(window=128, overlap=0)),
        ((1920, 1088, 241), decode.WIDE, Pieces(window=120, overlap=24)),
        ((768, 512, 121), decode.TIGHT, Pieces(window=40, overlap=8)),
        ((1920, 1088, 121), decode.TIGHT, Pieces(window=32, overlap=8, tile=704)),
        ((1280, 704, 121), decode.HOST, Pieces(window=32, overlap=8, tile=256)),
        ((256, 256, 25), decode.HOST, Pieces(window=32, overlap=0)),
    ],
)
def test_the_pieces_of_a_size_are_always_the_same(size: tuple[int, int, int], budget: int, pieces: Pieces) -> None:
    assert Pieces.plan(*size, budget) == pieces


def test_the_widest_tensor_of_the_largest_piece_is_counted_in_32_bits() -> None:
    # 128 channels at a quarter of the width and height. Beyond it some kernels count wrong and do not say so.
    assert decode.WIDE * 128 / 16 < 2**31


def test_weights_laid_out_for_a_gpu_decode_the_same_pictures(vae: Any) -> None:
    import copy

    z = latents(3, side=4)
    usual = decode.decoder(vae, z)(Window(0, 3), WHOLE)
    laid_out = copy.deepcopy(vae).to(memory_format=torch.channels_last_3d)
    torch.testing.assert_close(decode.decoder(laid_out, z)(Window(0, 3), WHOLE), usual, rtol=1e-4, atol=1e-4)


def test_the_second_try_is_in_tiles_of_a_quarter() -> None:
    assert Pieces(window=128, overlap=0).smaller(1280, 704) == Pieces(window=128, overlap=0, tile=448)
    assert Pieces(window=64, overlap=24, tile=1024).smaller(1920, 1088).tile == 512
    assert Pieces(window=64, overlap=24, tile=256).smaller(1920, 1088).tile == decode.SMALLEST_TILE


def test_bytes_are_rounded_and_bounded() -> None:
    values = torch.tensor([-2.0, -1.0, -1 + 0.9 / 127.5, 0.0, 1.0, 3.0]).view(1, 1, 1, 6).expand(3, 1, 1, 6)
    assert decode.to_bytes(values)[0, 0, :, 0].tolist() == [0, 0, 1, 128, 255, 255]
    levels = torch.arange(256).view(1, 1, 1, 256) / 127.5 - 1
    assert decode.to_bytes(levels.expand(3, 1, 1, 256))[0, 0, :, 0].tolist() == list(range(256))
    # Half precision is rounded once, not at every step of the sum.
    half = (levels * 0.73).expand(3, 1, 1, 256).to(torch.bfloat16)
    assert np.array_equal(decode.to_bytes(half), decode.to_bytes(half.float()))


def test_bytes_leave_the_pictures_as_they_were() -> None:
    pictures = torch.rand((3, 2, 4, 4))
    before = pictures.clone()
    decode.to_bytes(pictures)
    assert torch.equal(pictures, before)


def test_too_little_sound_is_an_error_and_not_silence(model: Any) -> None:
    short = torch.zeros(1, 8, 25, 16)
    with pytest.raises(RuntimeError, match="46560 samples, 48000 are needed"):
        decode.sound(model.denoiser.audio_vae, model.denoiser.vocoder, short, seconds=1)
    exact = decode.sound(model.denoiser.audio_vae, model.denoiser.vocoder, torch.zeros(1, 8, 26, 16), seconds=1)
    assert exact.samples.shape == (48000, 2)


def test_a_window_knows_its_pictures() -> None:
    assert (Window(0, 9).first, Window(0, 9).last) == (0, 65)
    assert (Window(5, 14).first, Window(5, 14).last) == (41, 105)


PEAK = """
import gc, sys, django
django.setup()
from pathlib import Path
import torch
from diffusers import AutoencoderKLLTX2Video
from videogen.media.mp4 import write_mp4
from videogen.pipelines.base import Rendering
from videogen.pipelines.ltx2 import decode
from tests.fixtures.tree import ROOT

torch.set_num_threads(1)
vae = AutoencoderKLLTX2Video.from_pretrained(sys.argv[1], subfolder="vae")

def run(width, height, frames):
    latents = torch.randn((1, 128, (frames - 1) // 8 + 1, height // 32, width // 32))
    pictures = decode.pictures(
        decode.decoder(vae, latents), latents.shape[2], box=(0, 0, width, height), count=frames,
        pieces=decode.Pieces.plan(width, height, frames, decode.HOST), on_piece=lambda done, of: None,
    )
    write_mp4(Path(sys.argv[2]), Rendering(pictures), width=width, height=height, frame_rate=24, frames=frames)

def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))

def peak(width, height, frames):
    gc.collect()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew: what the imports and the weights took is not counted
    before = memory("VmRSS")
    run(width, height, frames)
    return memory("VmHWM") - before

run(64, 64, 17)
print(peak(640, 384, 33), peak(640, 384, 97))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc")
def test_a_longer_clip_takes_less_memory_than_one_and_a_half_times_the_bytes_of_its_pictures(tmp_path: Path) -> None:
    # Catches pictures that are kept as floats, or copied whole, while they are decoded and encoded. The decoder is the
    # narrowest there is: what it holds is no part of the difference.
    small_ltx.video_vae(decoder=(2, 4, 4, 8)).save_pretrained(tmp_path / "vae")
    output = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path), str(tmp_path / "clip.mp4")],
        # What is freed goes back to the system at once, so that the figure is of memory in use.
        env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
        cwd=ROOT,
    )
    assert probe(tmp_path / "clip.mp4").frames == 97
    short, long = map(int, output.stdout.split())
    picture = 640 * 384 * 3
    assert short < 33 * 6 * picture
    assert long - short < 1.5 * (97 - 33) * picture
