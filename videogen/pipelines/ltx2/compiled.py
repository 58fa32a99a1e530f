"""The block compiled, where that pays: kept on the disk from run to run, and eager until a shape has earned it."""

import hashlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from videogen.pipelines.device.compute import ran_out_of_memory
from videogen.pipelines.ltx2.block import Runs, run_block
from videogen.pipelines.ltx2.passes import RunBlock, Tokens

logger = logging.getLogger(__name__)

# Estimates for an H100, from counts of memory traffic: what compiling the three forms of a block costs, and the share
# of a step that it saves.
COST_SECONDS = 60.0
GAIN = 0.15
MOST_SHAPES = 16  # each has three graphs; more than these run eagerly


def compiled_run_block() -> RunBlock:
    """Return `run_block` compiled to one graph for each form, for exactly the sizes it is called with."""
    torch._dynamo.config.recompile_limit = 3 * MOST_SHAPES + 3
    made: RunBlock = torch.compile(run_block, fullgraph=True, dynamic=False)
    return made


class Compiler:
    """Decides shape by shape whether a block runs compiled.

    folder: keeps compiled code and the shapes it is there for. A shape that was compiled before runs compiled at once.
    Another runs eagerly until what that has cost is as much as compiling does; then, too, for the rest of a clip that
    is long enough. The two differ by rounding.
    """

    def __init__(
        self,
        folder: Path,
        make: Callable[[], RunBlock] = compiled_run_block,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(folder))
        self._folder = folder
        self._make = make
        self._clock = clock
        self._compiled: RunBlock | None = None
        self._broken = False
        self._lost: dict[str, float] = {}
        self._shapes: set[str] = set()

    def clip(self, name: str, tokens: int, sound: int, runs: Runs, steps: int) -> "ClipBlocks":
        """The block for one clip. name: of the device."""
        told = f"{torch.__version__} {name} {tokens} {sound} {runs}"
        return ClipBlocks(self, hashlib.sha256(told.encode()).hexdigest()[:16], steps)

    def is_warm(self, shape: str) -> bool:
        """Whether compiled code for the shape is there."""
        return not self._broken and (shape in self._shapes or (self._mark(shape).exists() and self._has_room()))

    def pays(self, shape: str, seconds: float, left: float) -> bool:
        """Whether to compile now: a step of `seconds` was eager, and eager steps would take `left` more seconds."""
        self._lost[shape] = self._lost.get(shape, 0.0) + GAIN * seconds
        return not self._broken and self._has_room() and self._lost[shape] + GAIN * left >= COST_SECONDS

    def run(self, shape: str, *args: Any, **form: bool) -> Tokens:
        """Run the compiled block. Where it cannot be compiled, run it eagerly, now and from now on."""
        eager: RunBlock = run_block
        if self._broken:
            return eager(*args, **form)
        try:
            self._compiled = self._compiled or self._make()
            made = self._compiled(*args, **form)
        except Exception as error:
            if ran_out_of_memory(error):
                raise
            self._broken = True
            logger.exception("A block cannot be compiled and runs as it is. With LTX_COMPILE=0 nothing is tried.")
            return eager(*args, **form)
        self._shapes.add(shape)
        return made

    def keep(self, shape: str) -> None:
        """Note that the compiled code of a shape is complete."""
        if not self._broken:
            self._mark(shape).parent.mkdir(parents=True, exist_ok=True)
            self._mark(shape).touch()

    def now(self) -> float:
        """Seconds on the clock."""
        return self._clock()

    def _has_room(self) -> bool:
        return len(self._shapes) < MOST_SHAPES

    def _mark(self, shape: str) -> Path:
        return self._folder / "shapes" / shape


class ClipBlocks:
    """The block of one clip: call it as `run_block`, and tell it of each finished step."""

    def __init__(self, compiler: Compiler, shape: str, steps: int) -> None:
        self._compiler = compiler
        self._shape = shape
        self._left = steps
        self._compiles = compiler.is_warm(shape)
        self._began = compiler.now()

    def __call__(self, *args: Any, **form: bool) -> Tokens:
        eager: RunBlock = run_block
        return self._compiler.run(self._shape, *args, **form) if self._compiles else eager(*args, **form)

    def step_done(self) -> None:
        """Take note of a step; from the next one on the block may be another."""
        now = self._compiler.now()
        seconds, self._began = now - self._began, now
        self._left -= 1
        if self._compiles:
            self._compiler.keep(self._shape)
        elif self._left:
            self._compiles = self._compiler.pays(self._shape, seconds, seconds * self._left)
