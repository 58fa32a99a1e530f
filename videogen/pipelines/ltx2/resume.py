"""Going on with a clip where an earlier attempt was lost: its latents are kept from a third of the steps on.

The steps draw no random numbers, so the kept latents are all there is to know: what is made of them has the same bytes
on a CPU as without the interruption (docs/decisions/0065).
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import diffusers
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from videogen.pipelines.base import Kept
from videogen.specs import VideoSpec

if TYPE_CHECKING:
    from videogen.pipelines.ltx2.checkpoint import LtxModel

logger = logging.getLogger(__name__)

VERSION = 2  # to be raised whenever the same settings make another clip than before, or the file holds other things
FROM = 3  # latents are kept from this part of the steps on: before it there is little to lose
SHARE = 20  # keeping may take this part of the time
MOST_BYTES = 34 * 10**6  # 1920 x 1088, 241 pictures and an end frame have 33.5 MB


@dataclass(frozen=True, slots=True)
class Point:
    """Where a clip stands. stage: from 0. step: how many of the stage are done.

    video (1, tokens, channels), audio (1, tokens, channels): packed, as the loop holds them. random: the state of the
    generator.
    """

    stage: int
    step: int
    video: torch.Tensor
    audio: torch.Tensor
    random: torch.Tensor


def fingerprint(
    name: str, spec: VideoSpec, frames: list[Image.Image | None], model: "LtxModel", weights: object, skip: int
) -> str:
    """Hash everything that decides a clip: pipeline, settings, frames, weights, libraries and device.

    weights: what was loaded, by content. skip: see sampling.Job.
    """
    made_by = (VERSION, name, torch.__version__, diffusers.__version__, model.device.torch_device.type, skip)
    told = hashlib.sha256(repr((made_by, weights)).encode())
    told.update(json.dumps(spec.model_dump(mode="json"), sort_keys=True).encode())
    for frame in frames:
        told.update(b"none" if frame is None else f"{frame.mode} {frame.size}".encode() + frame.tobytes())
    return told.hexdigest()


class Resume:
    """Keeps how far a clip is, as often as that is cheap, and finds what an earlier attempt kept.

    kept: None keeps and finds nothing. made_of: the fingerprint. steps: of all stages. clock: seconds.
    """

    def __init__(
        self, kept: Kept | None, made_of: Callable[[], str], steps: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept = kept
        self._made_of = made_of() if kept else ""
        self._steps = steps
        self._clock = clock
        self._due = float("-inf")

    def find(self) -> Point | None:
        """Return where to go on; None where nothing was kept, or of something else."""
        if self._kept is None or not self._kept.path.exists():
            return None
        try:
            return self._read()
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("What was kept of an earlier attempt cannot be read (%s).", error)
        return None

    def _read(self) -> Point | None:
        assert self._kept is not None  # noqa: S101  (see find)
        with safe_open(self._kept.path, "pt") as file:
            told = file.metadata() or {}
            if told.get("made_of") != self._made_of:
                logger.warning("What was kept of an earlier attempt was made otherwise; all steps are done anew.")
                return None
            tensors = {name: file.get_tensor(name) for name in ("video", "audio", "random")}
        point = Point(int(told["stage"]), int(told["step"]), **tensors)
        logger.info("Goes on after step %d of stage %d, which an earlier attempt kept.", point.step, point.stage + 1)
        return point

    def step_done(self, point: Callable[[], Point], done: int, *, last: bool, stands_alone: bool = True) -> None:
        """Keep how far the clip is, where it is time to. done: steps of all stages. last: of its stage.

        stands_alone: whether the latents are all that the next step needs.

        The time that keeping takes is measured, so every long step is kept, and short ones now and then.
        """
        began = self._clock()
        if self._kept is None or not stands_alone or FROM * done < self._steps or (began < self._due and not last):
            return
        try:
            self._keep(point())
        except OSError as error:  # the clip can be made without
            logger.warning("The latents could not be kept: %s", error)
        now = self._clock()
        self._due = now + SHARE * (now - began)

    def _keep(self, point: Point) -> None:
        assert self._kept is not None  # noqa: S101  (see step_done)
        tensors = {name: getattr(point, name).detach().cpu().contiguous() for name in ("video", "audio", "random")}
        state = save(tensors, {"made_of": self._made_of, "stage": str(point.stage), "step": str(point.step)})
        if len(state) <= MOST_BYTES:
            self._kept.keep(state)
