"""Pictures as conditions of a clip: fitted to the rendered size, each on an exact picture of the clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import LTX2ConditionPipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from PIL import Image

from videogen.pipelines.geometry import cover_box
from videogen.pipelines.ltx2.denoise import Start
from videogen.pipelines.ltx2.resume import Point

# The model has learned from frames compressed by H.264 at this quality, so its conditions are too.
CONDITION_CRF = 33


def cover(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` in RGB at exactly `size` (width, height), filled without distortion, the centre kept."""
    picture = image.convert("RGB")
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, box=cover_box(picture.size, size))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A picture that the clip shows at one place.

    picture: the number of that picture of the clip, 0 is the first. strength: from 0, where it only suggests, to 1,
    where it is taken as it is.
    """

    picture: int
    image: Image.Image
    strength: float = 1.0

    def __post_init__(self) -> None:
        if self.picture < 0:
            raise ValueError(f"there is no picture {self.picture}")
        if not 0 <= self.strength <= 1:
            raise ValueError(f"a strength is from 0 to 1, not {self.strength}")


def conditions(
    anchors: Sequence[Anchor], size: tuple[int, int], frames: int, crf: int = CONDITION_CRF
) -> tuple[list[LTX2VideoCondition], list[int]]:
    """The conditions of a render of `frames` frames at `size`, and the places of those that are not the first picture.

    The pictures arrive at the rendered size, so the recompression inside sees a bounded picture and the resize and
    centre-crop after it change nothing. A condition's index says only whether it is the first picture: where another
    one goes is decided by AnchoredPipeline, in the order of the conditions. Raises ValueError for two pictures in one
    place and for a place outside the clip. crf: how they are recompressed.
    """
    places = [anchor.picture for anchor in anchors]
    if len(set(places)) < len(places):
        raise ValueError("two pictures are for the same place")
    if places and max(places) >= frames:
        raise ValueError(f"there is no picture {max(places)} among {frames}")
    found = [
        LTX2VideoCondition(
            frames=cover(anchor.image, size),
            index=min(anchor.picture, 1),
            strength=anchor.strength,
            crf=crf,
        )
        for anchor in anchors
    ]
    return found, [place for place in places if place]


class PackedText:
    """Stands in for the connectors of a pipeline that is given the connectors' outputs instead of a text.

    The outputs for video and sound travel side by side through the argument meant for the text encoder's.
    """

    def __init__(self, video_width: int) -> None:
        self.video_width = video_width

    def __call__(
        self, packed: torch.Tensor, mask: torch.Tensor, padding_side: str = "left"
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Split (batch, tokens, video width + audio width) into its two parts; the mask goes through."""
        return packed[..., : self.video_width], packed[..., self.video_width :], mask


class AnchoredPipeline(LTX2ConditionPipeline):
    """The stock pipeline, but a picture sits on a picture of the clip instead of on a latent.

    The stock index counts latents of eight pictures each: its last one anchors the end frame seven pictures
    before the end. The first picture of a clip is a latent of its own and needs no place. point: where an earlier
    attempt was lost, whose latents take the place of the noise.
    """

    # The library reads the components off the signature of __init__, so there is none here.
    compute_device = torch.device("cpu")
    point: Point | None = None
    _callback_tensor_inputs = (*LTX2ConditionPipeline._callback_tensor_inputs, "audio_latents")
    _places: tuple[int, ...] = ()
    _asked = 0

    def anchor(self, places: Sequence[int]) -> None:
        """Say where the next conditions go, the first picture's apart: at these pictures of the clip, in order."""
        self._places, self._asked = tuple(places), 0

    def check_anchors(self) -> None:
        """Raise RuntimeError where the library did not ask for each place: a changed one must not go unnoticed."""
        if self._asked != len(self._places):
            raise RuntimeError("the installed diffusers no longer asks where the end frame belongs")

    @property
    def _execution_device(self) -> torch.device:
        return self.compute_device

    def _prepare_keyframe_coords(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        if self._asked >= len(self._places):
            raise RuntimeError("an end frame was given without the picture it belongs to")
        kwargs["pixel_frame_idx"] = self._places[self._asked]
        self._asked += 1
        return super()._prepare_keyframe_coords(*args, **kwargs)

    def prepare_latents(self, *args: Any, **kwargs: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, Any]:
        """The library's latents with noise, or those of an earlier attempt, beside the library's mask and frames."""
        video, *rest = super().prepare_latents(*args, **kwargs)
        return (_in_place_of(video, self.point.video) if self.point else video, *rest)

    def prepare_audio_latents(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        """The library's latents with noise, or those of an earlier attempt. The last to draw random numbers."""
        audio = super().prepare_audio_latents(*args, **kwargs)
        if self.point is None:
            return audio
        kwargs["generator"].set_state(self.point.random)
        return _in_place_of(audio, self.point.audio)

    def prepare(
        self,
        given: list[LTX2VideoCondition],
        *,
        size: tuple[int, int],
        frames: int,
        frame_rate: float,
        sound: torch.Tensor,
        noise: float,
        generator: torch.Generator,
        latents: torch.Tensor | None = None,
    ) -> Start:
        """A clip before its first step, as the stock pipeline prepares it: the same draws in the same order.

        sound: latents (1, channels, frames, bins) to be filled with noise. noise: the first level. latents: of an
        earlier stage, (1, channels, frames, height, width) and not normalised.
        """
        width, height = size
        device = self.compute_device
        video, mask, clean, keyframe = self.prepare_latents(
            conditions=given,
            batch_size=1,
            num_channels_latents=self.transformer.config.in_channels,
            height=height,
            width=width,
            num_frames=frames,
            frame_rate=frame_rate,
            noise_scale=noise,
            dtype=torch.float32,
            device=device,
            generator=generator,
            latents=latents,
        )
        audio = self.prepare_audio_latents(
            1,
            num_channels_latents=self.audio_latent_channels,
            audio_latent_length=sound.shape[2],
            num_mel_bins=self.audio_mel_bins,
            noise_scale=noise,
            dtype=torch.float32,
            device=device,
            generator=generator,
            latents=sound,
        )
        rope = self.transformer.rope
        grid = (frames - 1) // self.vae_temporal_compression_ratio + 1, *self._grid(size)
        places = rope.prepare_video_coords(1, *grid, device, fps=frame_rate)
        if keyframe is not None:
            places = torch.cat([places, keyframe], dim=2)
        heard = self.transformer.audio_rope.prepare_audio_coords(1, sound.shape[2], device)
        return Start(video, audio, mask, clean, (places, heard))

    def unpack(
        self, video: torch.Tensor, audio: torch.Tensor, size: tuple[int, int], frames: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Packed latents as the decoders take them: (1, channels, frames, height, width), without the end frame's."""
        height, width = self._grid(size)
        count = (frames - 1) // self.vae_temporal_compression_ratio + 1
        seen = self._unpack_latents(video[:, : count * height * width], count, height, width)
        vae = self.vae
        seen = self._denormalize_latents(seen, vae.latents_mean, vae.latents_std, vae.config.scaling_factor)
        audio = self._denormalize_audio_latents(audio, self.audio_vae.latents_mean, self.audio_vae.latents_std)
        bins = self.audio_mel_bins // self.audio_vae_mel_compression_ratio
        return seen, self._unpack_audio_latents(audio, audio.shape[1], num_mel_bins=bins)

    def _grid(self, size: tuple[int, int]) -> tuple[int, int]:
        """Latents down and across."""
        step = self.vae_spatial_compression_ratio
        return size[1] // step, size[0] // step


def _in_place_of(noise: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    if noise.shape != latents.shape or noise.dtype != latents.dtype:
        raise RuntimeError(f"latents of the shape {tuple(latents.shape)} were kept for {tuple(noise.shape)}")
    return latents.to(noise.device)
