"""The noise levels of a clip, the same at every size and length."""

import math

from diffusers import FlowMatchEulerDiscreteScheduler

# The makers' one-stage and keyframe pipelines shift by e^2.05 whatever the size: their value at 4096 tokens. The
# library extrapolates it over all tokens instead, the end frame's included: at 1280 x 704 and 5 s that is e^5.9, and
# from about 37,000 tokens on neighbouring levels become equal, or no numbers at all.
SHIFT = math.exp(2.05)


def noise_levels(steps: int, terminal: float | None) -> list[float]:
    """Return the noise level at the start of each step, strictly falling from 1; after the last step it is 0.

    terminal: the level of the last step, None for none in particular. A single step begins at 1.
    Source: LTX2Scheduler of the makers' ltx-core.
    """
    even = [1 - step / steps for step in range(steps)]
    shifted = [SHIFT / (SHIFT + 1 / level - 1) for level in even]
    if terminal is None or steps == 1:  # stretching a single step divides 0 by 0
        return shifted
    stretch = (1 - terminal) / (1 - shifted[-1])
    return [1 - (1 - level) * stretch for level in shifted]


def taking_levels_as_given(scheduler: FlowMatchEulerDiscreteScheduler) -> FlowMatchEulerDiscreteScheduler:
    """Return a scheduler like this one that changes nothing about the noise levels it is handed."""
    return FlowMatchEulerDiscreteScheduler.from_config(
        scheduler.config, use_dynamic_shifting=False, shift=1.0, shift_terminal=None
    )
