"""A LoRA beside the weights of a transformer: switched on and off in no time, never fused into them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from diffusers.loaders import LTX2LoraLoaderMixin

from videogen.errors import GenerationError
from videogen.pipelines.weights import lora_file
from videogen.pipelines.weights.checkpoints import unreadable

DOWN, UP = ".lora_A.weight", ".lora_B.weight"


class SideBranch:
    """While open, every layer that the LoRA names adds its branch. Equal to fused weights to rounding.

    Fusing would change 38 GB of weights for every clip, and back, with an error that stays in bfloat16.
    """

    content = ""  # the hash of its file, where it was read from one

    def __init__(self, transformer: torch.nn.Module, weights: dict[str, torch.Tensor], strength: float = 1.0) -> None:
        """weights: lora_A (rank, in) and lora_B (out, rank) of each layer. Raises ValueError where one fits nowhere."""
        layers = dict(transformer.named_modules())
        names = [name.removesuffix(DOWN) for name in weights if name.endswith(DOWN)]
        if not names or len(weights) != 2 * len(names):
            raise ValueError("there are no pairs of lora_A and lora_B in it")
        self.strength = strength
        self._branches = [(_layer(layers, name), weights[name + DOWN], weights[name + UP]) for name in names]
        for name, (layer, down, up) in zip(names, self._branches, strict=True):
            if (up.shape[0], down.shape[1]) != (layer.out_features, layer.in_features):
                raise ValueError(f"its {name} is for a layer of another size")
        self._handles: list[Any] = []

    @property
    def nbytes(self) -> int:
        """Bytes that it takes on the device while open."""
        return sum((down.numel() + up.numel()) * layer.weight.element_size() for layer, down, up in self._branches)

    @classmethod
    def load(cls, folder: Path, transformer: torch.nn.Module, name: str) -> Self:
        """Read the only safetensors file in `folder`. Raises GenerationError("model_unavailable")."""
        found = sorted(folder.glob("*.safetensors"))
        if len(found) != 1:
            reason = f"{folder} holds {len(found)} safetensors files; it must hold the one of the LoRA."
            raise GenerationError("model_unavailable", model=name, reason=reason)
        return cls.read(found[0], transformer, name)

    @classmethod
    def read(cls, path: Path, transformer: torch.nn.Module, name: str) -> Self:
        """Read a safetensors file. Raises GenerationError("model_unavailable") for `name`."""
        try:
            state = LTX2LoraLoaderMixin.lora_state_dict(str(path), use_safetensors=True, local_files_only=True)
            prefix = "transformer."
            weights = {key.removeprefix(prefix): one for key, one in state.items() if key.startswith(prefix)}
            branch = cls(transformer, weights)
            branch.content = lora_file.hash_of(path)
        except (OSError, ValueError, KeyError) as error:
            raise unreadable(name, error) from error
        return branch

    def at(self, strength: float) -> "SideBranch":
        """The same branch at another strength; the weights are shared."""
        branch = copy(self)
        branch.strength, branch._handles = strength, []
        return branch

    def __enter__(self) -> Self:
        self._handles = []
        for layer, down, up in self._branches:
            one, other = (matrix.to(layer.weight.device, layer.weight.dtype) for matrix in (down, up))
            self._handles.append(layer.register_forward_hook(_Adds(one, other, self.strength)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []


@contextmanager
def opened(branches: Sequence[SideBranch]) -> Iterator[None]:
    """All of them at once."""
    with ExitStack() as stack:
        for branch in branches:
            stack.enter_context(branch)
        yield


class _Adds:
    def __init__(self, down: torch.Tensor, up: torch.Tensor, strength: float) -> None:
        self._down, self._up, self._strength = down, up, strength

    def __call__(self, layer: torch.nn.Module, given: tuple[torch.Tensor, ...], made: torch.Tensor) -> torch.Tensor:
        if self._down.device != given[0].device:  # streamed weights are not there yet when the branch is opened
            self._down, self._up = (matrix.to(given[0].device) for matrix in (self._down, self._up))
        narrow = torch.nn.functional.linear(given[0], self._down)
        return torch.add(made, torch.nn.functional.linear(narrow, self._up), alpha=self._strength)


def _layer(layers: dict[str, torch.nn.Module], name: str) -> Any:
    if not isinstance(layers.get(name), torch.nn.Linear):
        raise ValueError(f"the transformer has no layer {name}")
    return layers[name]
