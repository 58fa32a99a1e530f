"""Spatio-temporal guidance without doing the same work twice.

A step with guidance asks the transformer for the clip as prompted, and once more with one of its blocks perturbed. Up
to that block both passes compute the same from the same, so the second one begins where the first one came by.
"""

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self

import torch

from videogen.pipelines.ltx2.passes import BLOCKS_A_REPORT

SHARED = ("hidden_states", "audio_hidden_states")  # what goes from block to block; all else is the same for each


class SharedBeginning:
    """While open, the perturbed pass takes its input of block `first` from the pass before it.

    transformer: an LTX2VideoTransformer3DModel that makes one clip at a time. skip: do not run the blocks before
    `first` in the perturbed pass; False for a transformer whose weights are streamed in block order: it runs them, and
    what they give is replaced all the same, so that the result does not depend on it.
    """

    def __init__(self, transformer: torch.nn.Module, first: int, *, skip: bool) -> None:
        self._transformer = transformer
        blocks: Any = transformer.transformer_blocks
        self._before = list(blocks[:first]) if skip else []
        self._first = blocks[first]
        self._perturbed = self._plain = False
        self._kept: dict[str, torch.Tensor] = {}
        self._handles: list[Any] = []

    def __enter__(self) -> Self:
        self._handles = [
            self._transformer.register_forward_pre_hook(self._begin, with_kwargs=True),
            self._first.register_forward_pre_hook(self._share, with_kwargs=True),
        ]
        for block in self._before:
            block.forward = partial(self._run, block.forward)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()
        for block in self._before:
            del block.forward  # the class's own is found again
        self._kept = {}

    def _begin(self, _transformer: torch.nn.Module, _args: tuple[Any, ...], arguments: dict[str, Any]) -> None:
        self._perturbed = bool(arguments["spatio_temporal_guidance_blocks"])
        self._plain = not self._perturbed and not arguments["isolate_modalities"]

    def _run(self, forward: Any, **arguments: Any) -> Any:
        if self._perturbed and self._kept:
            return tuple(arguments[name] for name in SHARED)
        return forward(**arguments)

    def _share(
        self, _block: torch.nn.Module, args: tuple[Any, ...], arguments: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        if self._plain:
            # Without and with the prompt, in this order: the last sample is the one that is perturbed next.
            self._kept = {name: arguments[name][-1:].clone() for name in SHARED}
        elif self._perturbed and self._kept:
            arguments, self._kept = arguments | self._kept, {}
            return args, arguments
        return None


class HeardBlocks:
    """While open, `report` is called every few blocks of the transformer, and what it raises ends the pass.

    A pass takes minutes where the weights are streamed or a CPU computes; a step is four of them.
    """

    def __init__(self, transformer: Any, report: Callable[[], object]) -> None:
        self._blocks = list(transformer.transformer_blocks)[BLOCKS_A_REPORT - 1 :: BLOCKS_A_REPORT]
        self._transformer = transformer
        self._report = report
        self._handles: list[Any] = []

    def __enter__(self) -> Self:
        heard = [*self._blocks, self._transformer]
        self._handles = [module.register_forward_pre_hook(self._hear) for module in heard]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def _hear(self, *_: object) -> None:
        self._report()
