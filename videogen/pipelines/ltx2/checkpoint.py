"""Loading an LTX-2.3 checkpoint and holding its parts."""

from collections.abc import Hashable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2ConditionPipeline

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import OnStep
from videogen.pipelines.device.compute import Device
from videogen.pipelines.device.memory import KnownSizes, Mode, choose_mode, part_bytes
from videogen.pipelines.ltx2 import fp8
from videogen.pipelines.ltx2.compiled import Compiler
from videogen.pipelines.ltx2.conditions import AnchoredPipeline, PackedText
from videogen.pipelines.ltx2.preview import fitted
from videogen.pipelines.ltx2.residency import Residency
from videogen.pipelines.ltx2.side_branch import SideBranch
from videogen.pipelines.ltx2.text import TextEncoder
from videogen.pipelines.weights import compact, installed
from videogen.pipelines.weights.checkpoints import identity, unreadable
from videogen.pipelines.weights.reading import Reading

LIBRARIES = ("diffusers", "transformers")
PARTS = ("text_encoder", "connectors", "transformer", "vae", "audio_vae", "vocoder")


# What LTX-2.5 brings beside, and nothing here asks: a Gemma that rewrites prompts, a guess at the length of a clip.
UNUSED = ("prompt_enhancer", "duration_head")
SHARED = ("text_encoder", "vae", "audio_vae", "vocoder")  # the same in the dev and the distilled checkpoint


class LtxModel:
    """A loaded checkpoint: a text half, a denoising half without text, and what moves their weights."""

    def __init__(
        self, pipe: LTX2ConditionPipeline, device: Device, memory_mode: str, *, name: str, identity: str
    ) -> None:
        self.device = device
        self.name = name
        self.identity = identity
        self.scheduler: FlowMatchEulerDiscreteScheduler = pipe.scheduler
        parts = {part: getattr(pipe, part) for part in PARTS}
        if device.is_gpu:  # where cuDNN's convolutions in bfloat16 want it; elsewhere it would change the last bit
            pipe.vae.to(memory_format=torch.channels_last_3d)
        for part in parts.values():
            part.eval().requires_grad_(requires_grad=False)
        mode = choose_mode(memory_mode, {part: part_bytes(held) for part, held in parts.items()}, device.memory)
        self.residency = Residency(parts, device, mode)
        self.known_sizes = KnownSizes()
        # Equal to rounding, and less work. On a CPU a clip is the stock pipeline's byte for byte instead.
        self.own_loop = self.shares_beginning = device.is_gpu
        self.compiler: Compiler | None = None
        self.branch: SideBranch | None = None
        self.loras: dict[str, SideBranch] = {}  # of the last clip that had any, by the hash of the file
        self.colours: torch.Tensor | None = None  # of previews, once there was one
        self.contents: dict[str, Hashable] = {}
        self.precision = "off"  # of the blocks' matrices, see fp8
        nothing = dict.fromkeys(
            (
                "scheduler",
                "vae",
                "audio_vae",
                "text_encoder",
                "tokenizer",
                "connectors",
                "transformer",
                "vocoder",
            )
        )
        half = LTX2ConditionPipeline(
            **{
                **nothing,
                "text_encoder": pipe.text_encoder,
                "tokenizer": pipe.tokenizer,
                "processor": pipe.processor,  # for writing prompts; not every checkpoint has one
                "connectors": pipe.connectors,
            }
        )
        self.text = TextEncoder(half, device.torch_device)
        self.denoiser = AnchoredPipeline(
            **{
                **nothing,
                "scheduler": pipe.scheduler,
                "vae": pipe.vae,
                "audio_vae": pipe.audio_vae,
                "transformer": pipe.transformer,
                "vocoder": pipe.vocoder,
            },
        )
        self.denoiser.compute_device = device.torch_device
        self.denoiser.connectors = PackedText(self.text.video_width)
        self.denoiser.set_progress_bar_config(disable=True)

    @classmethod
    def load(
        cls,
        folder: Path,
        device: Device,
        memory_mode: str,
        name: str,
        on_step: OnStep,
        left: dict[Hashable, Any] | None = None,
        precision: str = "off",
    ) -> Self:
        """Read the checkpoint in `folder`: safetensors only, none of its code run, no network.

        Part by part, so that a part is loaded while its files are still in memory from being read. left: parts of the
        model before this one, by content; those with this one's content are taken, the others dropped. precision: see
        fp8.quantise. Raises
        GenerationError("model_unavailable") where the files are not an LTX-2.3 checkpoint, and what on_step raises.
        """
        _check_libraries(folder, name)
        reading, parts = Reading(folder, on_step), {}
        contents: dict[str, Hashable] = {
            part: (part, device.dtype, installed.content_of(_place(folder, part, device))) for part in PARTS
        }
        if precision != "off":
            contents["transformer"] = (contents["transformer"], fp8.identity(precision))
        kept = {part: left[content] for part, content in contents.items() if left and content in left}
        if left:
            left.clear()  # what is of no use goes before anything is loaded
        try:
            for part in PARTS:
                parts[part] = kept.pop(part, None) or _part(folder, part, device, reading)
            pipe = _from_files(folder, device, dict.fromkeys((*PARTS, *UNUSED)))  # what has no weights
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise unreadable(name, error) from error
        if precision != "off":
            fp8.quantise(parts["transformer"], precision, device, name, partial(on_step, Phase.LOADING))
        pipe.register_modules(**parts)
        if pipe.vae.config.timestep_conditioning:
            raise unreadable(name, ValueError("a decoder with timesteps is not LTX-2.3's"))
        model = cls(pipe, device, memory_mode, name=name, identity=identity(folder))
        model.contents, model.precision = contents, precision
        return model

    def colour_factors(self) -> torch.Tensor:
        """What makes a preview's colours of latents; fitted to the decoder once."""
        if self.colours is None:
            self.colours = fitted(self.denoiser)
        return self.colours

    @property
    def nbytes(self) -> int:
        """Bytes of all its weights."""
        return sum(self.residency.sizes.values())

    @property
    def loops(self) -> bool:
        """Whether the next steps are made by our own loop. Streamed weights come as the library's calls need them."""
        return self.own_loop and self.residency.mode is not Mode.LOW

    def leave(self) -> None:
        """Move every weight to host memory; the next job brings back what it needs."""
        self.residency.restore()
        self.residency.keep_only()

    def shared(self) -> dict[Hashable, Any]:
        """What the dev and the distilled checkpoint have in common, by content. Nothing that is streamed."""
        if self.residency.mode is Mode.LOW:
            return {}
        return {content: self.residency.parts[part] for part, content in self.contents.items() if part in SHARED}

    def close(self) -> None:
        """Drop every weight."""
        self.residency.parts.clear()
        self.branch = None
        self.loras.clear()
        del self.text, self.denoiser, self.residency


def _place(folder: Path, part: str, device: Device) -> Path:
    """Where the weights of a part are read from."""
    halved = compact.place_of(folder, part)
    return halved if device.dtype == torch.bfloat16 and halved.is_dir() else folder / part


def _check_libraries(folder: Path, name: str) -> None:
    """Refuse a checkpoint of classes that the installed libraries lack. Raises GenerationError("model_unavailable")."""
    for part in PARTS:
        library, kind = _named(folder, part)
        if library in LIBRARIES and not hasattr(import_module(library), kind):
            reason = f"Its {part} is a {kind}, which the installed {library} does not know. Install a newer one."
            raise GenerationError("model_unavailable", model=name, reason=reason)


def _named(folder: Path, part: str) -> tuple[str, str]:
    """The library and the class that the index names for a part; empty where it names none."""
    named = installed.index_of(folder).get(part)
    return (str(named[0]), str(named[1])) if isinstance(named, list) and len(named) == 2 else ("", "")


def _class_of(folder: Path, part: str) -> Any:
    """The class of a part."""
    return getattr(import_module("transformers"), _named(folder, part)[1])


def _part(folder: Path, part: str, device: Device, reading: Reading) -> Any:
    """Read and load one part."""
    place = _place(folder, part, device)
    if place != folder / part:
        reading.folder(place)
        return _class_of(folder, part).from_pretrained(
            place, dtype=torch.bfloat16, use_safetensors=True, trust_remote_code=False, local_files_only=True
        )
    reading.part(part)
    others = dict.fromkeys(other for other in (*PARTS, *UNUSED, "tokenizer", "processor") if other != part)
    return getattr(_from_files(folder, device, others), part)


def _from_files(folder: Path, device: Device, given: Mapping[str, object]) -> LTX2ConditionPipeline:
    """The pipeline of the files in `folder`, but for the parts that are given: None leaves one out."""
    return LTX2ConditionPipeline.from_pretrained(
        folder,
        # The vocoder's hundred convolutions in a row add up bfloat16's rounding.
        dtype={"default": device.dtype, "vocoder": torch.float32},
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
        **given,
    )
