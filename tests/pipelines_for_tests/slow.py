"""Each takes `steps` steps of a fifth of a second; what then happens is in its name."""

import os
import signal
import time

import numpy as np

from videogen.errors import GenerationError
from videogen.pipelines.base import Phase, Rendering

STEP_SECONDS = 0.2


def _steps(spec, on_step) -> None:
    for step in range(spec.steps):
        on_step(Phase.DENOISING, step, spec.steps)
        time.sleep(STEP_SECONDS)
    on_step(Phase.DENOISING, spec.steps, spec.steps)


class SlowFrame:
    def generate(self, spec, pictures, on_step):
        _steps(spec, on_step)
        return np.full((spec.height, spec.width, 3), spec.seed % 256, np.uint8)


class SlowVideo:
    def generate(self, spec, start, end, on_step):
        _steps(spec, on_step)
        picture = np.asarray(start.resize((spec.width, spec.height)))
        return Rendering(iter([picture] * spec.frames))


class FailingVideo:
    def generate(self, spec, start, end, on_step):
        raise RuntimeError("a secret of the inside")


class HungryVideo:
    def generate(self, spec, start, end, on_step):
        raise GenerationError("out_of_memory", asked="1920x1080, 8 s", fits="1280x720 fits.")


class CrashingVideo:
    """Dies like a process that the kernel ends for its memory."""

    def generate(self, spec, start, end, on_step):
        on_step(Phase.DENOISING, 1, spec.steps)
        os.kill(os.getpid(), signal.SIGKILL)
