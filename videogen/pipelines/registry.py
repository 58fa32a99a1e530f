"""Records of all pipelines: what the web process knows of one without importing it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from videogen.pipelines.camera_words import stands_still
from videogen.specs import FrameSpec, VideoSpec


@dataclass(frozen=True, slots=True)
class Trait:
    """What a part's configuration has to say, so that files of another model in the same layout are not run.

    part: a folder of the checkpoint. key, value: what its configuration must hold. otherwise: what a checkpoint with
    another value is, for the sentence "... holds".
    """

    part: str
    key: str
    value: object
    otherwise: str


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """One pipeline.

    makes: "frame" or "video". path: dotted path of the class. unused: fields of the spec it does not look at.
    hides_unused: the form hides those; else it says beside them that they are for another pipeline. lacks: fields of
    the spec for things it knows nothing of, hidden in any case. seedless: whether a prompt leaves the seed nothing to
    decide; None where it always decides. enhances: its text encoder can rewrite prompts too (pipelines.base.Enhancer).
    speaks: the sound of its clips is the block's line in a scratch voice. previews: it shows the clip while it is made.
    resumes: it goes on with a lost attempt (pipelines.base.Kept). layered: it takes frames in layers too. checkpoint:
    the field of ModelSettings that names its weights, empty for a pipeline without any. family: how the class named in
    the checkpoint's index begins; empty takes any that no other record of the same checkpoint claims. distilled: what
    the index says of itself; None takes either. traits: what the configurations of its parts must say. beside: what
    else it is made of: fields of ModelSettings, each with the file that must be in its folder. needs: what its weights
    take, for people.
    """

    name: str
    makes: str
    label: str
    summary: str
    path: str
    unused: frozenset[str] = frozenset()
    hides_unused: bool = False
    lacks: frozenset[str] = frozenset()
    seedless: Callable[[str], bool] | None = None
    enhances: bool = False
    speaks: bool = False
    previews: bool = False
    resumes: bool = False
    layered: bool = False
    checkpoint: str = ""
    family: str = ""
    distilled: bool | None = None
    traits: tuple[Trait, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    needs: str = "nothing"

    def uses(self, name: str) -> bool:
        """Whether it looks at a field of the spec."""
        return name not in self.unused and name not in self.lacks

    def hides(self, name: str) -> bool:
        """Whether its form shows nothing of a field of the spec."""
        return name in self.lacks or (self.hides_unused and name in self.unused)

    def pixel_steps(self, spec: FrameSpec | VideoSpec) -> int:
        """Return the size of a job in pixel-steps, which its duration grows with. Without steps it counts one."""
        steps = 1 if "steps" in self.unused else spec.steps
        return spec.width * spec.height * spec.frames * steps

    def seed_matters(self, prompt: str) -> bool:
        """Whether another seed gives another result for this prompt."""
        return self.seedless is None or not self.seedless(prompt)


_NO_GUIDANCE = frozenset({"negative_prompt", "steps", "guidance_scale"})
# A diffusion model looks at the start frame in any case.
_LATER = frozenset({"like_start"})
# What only a diffusion model that films can do.
_FILMING = frozenset({"start_strength", "end_strength", "loras"})
# On the disk as published: the text encoder of 12 billion weights has four bytes each. In memory two each, counted from
# the architecture.
_LTX_NEEDS = "about 101 GB of disk; 46 GB of the GPU at once, less with MEMORY_MODE=offload or low"

# LTX-2.0, 2.3 and 2.5 are laid out alike and load with the same classes; only 2.3's files make what is asked of them.
_LTX_23 = (
    Trait("text_encoder", "model_type", "gemma3", "an LTX with another text encoder than 2.3’s (2.5 has Gemma 4)"),
    Trait("transformer", "perturbed_attn", True, "an LTX-2.0, whose transformer knows no perturbed attention"),
    Trait("transformer", "cross_attn_mod", True, "an LTX-2.0, whose transformer does not modulate the prompt"),
    Trait("connectors", "per_modality_projections", True, "the connectors of LTX-2.0"),
)
_LTX_25 = (
    Trait("text_encoder", "model_type", "gemma4", "an LTX with another text encoder than 2.5’s (2.3 has Gemma 3)"),
)
_UNDISTILLED = Trait(
    "scheduler", "use_dynamic_shifting", True, "the distilled LTX-2.3; name it in LTX_DISTILLED_CHECKPOINT"
)
_DISTILLED = Trait("scheduler", "use_dynamic_shifting", False, "the undistilled LTX-2.3; name it in LTX_CHECKPOINT")

# The first of a kind that is available is the default; the animatic always is.
FRAME_MODELS: dict[str, PipelineInfo] = {
    "flux2-klein": PipelineInfo(
        name="flux2-klein",
        makes="frame",
        label="FLUX.2 klein",
        summary="a diffusion model that looks at the pictures of the place and the people",
        path="videogen.pipelines.image.flux2_klein.Flux2KleinFrame",
        lacks=_LATER,
        unused=_NO_GUIDANCE,
        hides_unused=True,
        checkpoint="flux",
        family="Flux2Klein",
        distilled=True,
        needs="about 16 GB of weights",
    ),
    "flux2-klein-base": PipelineInfo(
        name="flux2-klein-base",
        makes="frame",
        label="FLUX.2 klein base",
        summary="the undistilled klein, slower, with steps and guidance of your choice",
        path="videogen.pipelines.image.flux2_klein.Flux2KleinFrame",
        lacks=_LATER,
        unused=frozenset({"negative_prompt"}),
        hides_unused=True,
        checkpoint="flux",
        family="Flux2Klein",
        distilled=False,
        needs="an undistilled klein in FLUX_CHECKPOINT",
    ),
    "text-to-image": PipelineInfo(
        name="text-to-image",
        makes="frame",
        label="Text to image",
        summary="a diffusion model that is told of the place and the people in words",
        path="videogen.pipelines.image.text_to_image.TextToImageFrame",
        lacks=_LATER,
        checkpoint="flux",
        needs="whatever checkpoint FLUX_CHECKPOINT names",
    ),
    "animatic": PipelineInfo(
        name="animatic",
        makes="frame",
        label="Animatic",
        summary="a storyboard panel composed from the pictures of the scene, without a model",
        path="videogen.pipelines.animatic.AnimaticFrame",
        unused=_NO_GUIDANCE,
        hides_unused=True,
    ),
}

VIDEO_MODELS: dict[str, PipelineInfo] = {
    "ltx2.3": PipelineInfo(
        name="ltx2.3",
        makes="video",
        label="LTX-2.3",
        summary="a diffusion model that films from the start frame to the end frame, with sound",
        path="videogen.pipelines.ltx2.video.Ltx23Video",
        previews=True,
        enhances=True,
        resumes=True,
        checkpoint="ltx",
        family="LTX2",
        traits=(*_LTX_23, _UNDISTILLED),
        needs=_LTX_NEEDS,
    ),
    "ltx2.3-distilled": PipelineInfo(
        name="ltx2.3-distilled",
        makes="video",
        label="Draft",
        summary="the distilled LTX-2.3, eight fixed steps with sound, for a quick look",
        path="videogen.pipelines.ltx2.video.Ltx23DistilledVideo",
        previews=True,
        unused=_NO_GUIDANCE,
        hides_unused=True,
        resumes=True,
        checkpoint="ltx_distilled",
        family="LTX2",
        traits=(*_LTX_23, _DISTILLED),
        needs=_LTX_NEEDS,
    ),
    "ltx2.3-final": PipelineInfo(
        name="ltx2.3-final",
        makes="video",
        label="LTX-2.3 in two stages",
        summary="the dev LTX-2.3 at half the size, then enlarged and refined: large clips in a fraction of the time",
        path="videogen.pipelines.ltx2.two_stage.Ltx23Final",
        previews=True,
        resumes=True,
        checkpoint="ltx",
        family="LTX2",
        traits=(*_LTX_23, _UNDISTILLED),
        beside=(("ltx_upsampler", "config.json"), ("ltx_distilled_lora", "*.safetensors")),
        needs=f"{_LTX_NEEDS}; LTX_UPSAMPLER and LTX_DISTILLED_LORA",
    ),
    "ltx2.3-draft": PipelineInfo(
        name="ltx2.3-draft",
        makes="video",
        label="Draft in two stages",
        summary="the distilled LTX-2.3 at half the size, then enlarged and refined: the quickest look at a large clip",
        path="videogen.pipelines.ltx2.two_stage.Ltx23Draft",
        previews=True,
        unused=_NO_GUIDANCE,
        hides_unused=True,
        resumes=True,
        checkpoint="ltx_distilled",
        family="LTX2",
        traits=(*_LTX_23, _DISTILLED),
        beside=(("ltx_upsampler", "config.json"),),
        needs=f"{_LTX_NEEDS}; LTX_UPSAMPLER",
    ),
    "ltx2.5": PipelineInfo(
        name="ltx2.5",
        makes="video",
        label="LTX-2.5 draft",
        summary=(
            "the distilled LTX-2.5, eight fixed steps with sound, for a quick look; its licence, the LTX-2 Community "
            "License Agreement, asks for marks of provenance on what is published"
        ),
        path="videogen.pipelines.ltx2.video.Ltx25Video",
        unused=_NO_GUIDANCE,
        hides_unused=True,
        previews=True,
        resumes=True,
        checkpoint="ltx25",
        family="LTX2",
        traits=_LTX_25,
        needs="a checkpoint in LTX25_CHECKPOINT",
    ),
    "animatic": PipelineInfo(
        name="animatic",
        makes="video",
        label="Animatic",
        summary="a camera move over the frames, without a model",
        path="videogen.pipelines.animatic.AnimaticVideo",
        unused=_NO_GUIDANCE,
        hides_unused=True,
        lacks=_FILMING,
        speaks=True,
        seedless=stands_still,
        layered=True,
    ),
}

MODELS: dict[str, dict[str, PipelineInfo]] = {"frame": FRAME_MODELS, "video": VIDEO_MODELS}
KINDS = {"frame": _("Frames"), "video": _("Clips")}  # for people


def find(makes: str, name: str) -> PipelineInfo:
    """Return the record of that kind and name. Raises KeyError for an unknown one."""
    return MODELS[makes][name]
