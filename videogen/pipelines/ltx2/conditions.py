"""Start and end frame as conditions: fitted to the rendered size, the end on an exact picture of the clip."""

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


def conditions(
    start: Image.Image,
    end: Image.Image | None,
    size: tuple[int, int],
    frames: int,
    stride: int,
    crf: int = CONDITION_CRF,
) -> list[LTX2VideoCondition]:
    """The conditions of a render of `frames` frames at `size`, recompressed at `crf`.

    The pictures arrive at the rendered size, so the recompression inside sees a bounded picture and the
    resize and centre-crop after it change nothing. The end frame's index only has to be legal and not 0:
    where it goes is decided by AnchoredPipeline.
    """
    found = [LTX2VideoCondition(frames=cover(start, size), index=0, strength=1.0, crf=crf)]
    if end is not None:
        last = (frames - 1) // stride
        found.append(LTX2VideoCondition(frames=cover(end, size), index=last, strength=1.0, crf=crf))
    return found


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
    """The stock pipeline, but an end frame sits on a picture of the clip instead of on a latent.

    The stock index counts latents of eight pictures each: its last one anchors the end frame seven pictures
    before the end. anchor: the picture (0 is the first) for the end frame, None where there is no end frame.
    anchored: whether the override was really asked, so that a changed library cannot go unnoticed.
    point: where an earlier attempt was lost, whose latents take the place of the noise.
    """

    # The library reads the components off the signature of __init__, so there is none here.
    compute_device = torch.device("cpu")
    anchor: int | None = None
    anchored = False
    point: Point | None = None
    _callback_tensor_inputs = (*LTX2ConditionPipeline._callback_tensor_inputs, "audio_latents")

    @property
    def _execution_device(self) -> torch.device:
        return self.compute_device

    def _prepare_keyframe_coords(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        if self.anchor is None:
            raise RuntimeError("an end frame was given without the picture it belongs to")
        self.anchored = True
        kwargs["pixel_frame_idx"] = self.anchor
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
