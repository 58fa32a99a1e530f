"""The guidance of LTX-2.3: eight numbers that are always passed together."""

from dataclasses import asdict, dataclass, replace
from typing import Self

# What the model's makers advise for the dev checkpoint beside a video guidance scale of 3.
AUDIO_GUIDANCE_SCALE = 7.0
STG_SCALE = 1.0
MODALITY_SCALE = 3.0
RESCALE = 0.7

# They perturb block 28 of the model's 48.
STG_BLOCK, STG_DEPTH = 28, 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Every guidance argument of the pipeline. None has a default, neither here nor, effectively, there.

    A guidance scale or modality scale of 1 and an STG scale or rescale of 0 mean "off". The stock pipeline
    runs a pass when either modality asks for it, and reads an audio value of 0 as "the video's value"; a
    combination that it would change in silence is refused.
    """

    guidance_scale: float
    stg_scale: float
    modality_scale: float
    guidance_rescale: float
    audio_guidance_scale: float
    audio_stg_scale: float
    audio_modality_scale: float
    audio_guidance_rescale: float

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 0:
                raise ValueError(f"{name} is {value}; it must not be negative")
            if name.startswith("audio_") and not value and getattr(self, name.removeprefix("audio_")):
                raise ValueError(f"{name} is 0, which the model would read as the video's value")

    @classmethod
    def for_scale(cls, guidance_scale: float) -> Self:
        """The makers' guidance around a person's guidance scale. 1 means none at all: one pass a step."""
        if guidance_scale <= 1.0:
            return cls.off()
        return cls(
            guidance_scale=guidance_scale,
            stg_scale=STG_SCALE,
            modality_scale=MODALITY_SCALE,
            guidance_rescale=RESCALE,
            audio_guidance_scale=AUDIO_GUIDANCE_SCALE,
            audio_stg_scale=STG_SCALE,
            audio_modality_scale=MODALITY_SCALE,
            audio_guidance_rescale=RESCALE,
        )

    @classmethod
    def off(cls) -> Self:
        """No guidance: the model is asked once a step."""
        return cls(
            guidance_scale=1.0,
            stg_scale=0.0,
            modality_scale=1.0,
            guidance_rescale=0.0,
            audio_guidance_scale=1.0,
            audio_stg_scale=0.0,
            audio_modality_scale=1.0,
            audio_guidance_rescale=0.0,
        )

    def without_sound(self) -> Self:
        """The same without the pass that makes picture and sound fit each other: nobody hears the sound."""
        return replace(self, modality_scale=1.0, audio_modality_scale=1.0)

    @property
    def uses_negative_prompt(self) -> bool:
        """Whether a negative prompt has any effect."""
        return self.guidance_scale > 1.0 or self.audio_guidance_scale > 1.0

    @property
    def uses_perturbation(self) -> bool:
        """Whether a pass with a perturbed block is asked for."""
        return self.stg_scale > 0.0 or self.audio_stg_scale > 0.0

    @property
    def uses_isolation(self) -> bool:
        """Whether a pass is asked for in which picture and sound do not see each other."""
        return self.modality_scale > 1.0 or self.audio_modality_scale > 1.0

    @property
    def guides(self) -> bool:
        """Whether a step takes any pass beside the prompt's."""
        return self.uses_negative_prompt or self.uses_perturbation or self.uses_isolation

    def arguments(self) -> dict[str, float]:
        """All eight, by the pipeline's argument names."""
        return asdict(self)


def stg_blocks(depth: int) -> list[int]:
    """The block to perturb in a transformer of `depth` blocks: 28 of 48, or as far down in another."""
    return [depth * STG_BLOCK // STG_DEPTH]
