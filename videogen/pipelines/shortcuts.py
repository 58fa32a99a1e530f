"""What makes clips faster and not exactly what the model would make: off until an operator asks for it.

Two settings: LTX_FP8 keeps the matrices of LTX's blocks in 8 bits, LTX_SKIP_STEP leaves passes of guidance out. The
page of models and `manage.py models` say what is on; a take keeps what it was made with, in the same words.
"""

from videogen.pipelines.config import ModelSettings
from videogen.pipelines.registry import PipelineInfo
from videogen.pipelines.weights import installed

FAMILY = "LTX2"
CAPABILITY = 8.9  # of NVIDIA: Ada, Hopper and newer multiply in 8 bits
_FP8 = {"off": "", "weights": "FP8 weights", "dynamic": "FP8 weights and products"}
_ORDINALS = {1: "2nd", 2: "3rd"}


def words(fp8: str, skip_step: int) -> str:
    """Say what is not exact: "FP8 weights, guidance every 2nd step"; empty where nothing is."""
    skipping = f"guidance every {_ORDINALS.get(skip_step, f'{skip_step + 1}th')} step" if skip_step else ""
    return ", ".join(filter(None, (_FP8[fp8], skipping)))


def wanted(model: PipelineInfo) -> str:
    """Say what of a pipeline's clips is not exact with the settings of this installation; empty where nothing is."""
    if model.family != FAMILY:
        return ""
    configured = ModelSettings.read()
    return words(configured.fp8, configured.skip_step if model.uses("guidance_scale") else 0)


def problem(model: PipelineInfo) -> str | None:
    """Return why this machine cannot do what the settings ask of a model, in a sentence; None where it can."""
    configured = ModelSettings.read()
    if model.family != FAMILY or configured.fp8 == "off":
        return None
    asked = f"LTX_FP8 is {configured.fp8}"
    if not installed.has_library("torchao"):
        return f"{asked}, and torchao is not installed. Run “make install”, or leave LTX_FP8 out."
    reason = _cannot_multiply(configured)
    return f"{asked}, {reason} Set LTX_FP8=weights, or leave it out." if reason else None


def contradiction(fp8: str, skip_step: int, memory_mode: str) -> str | None:
    """Return why settings cannot be had together, whatever the machine, in a sentence; None where they can."""
    if skip_step and memory_mode == "low":
        return (
            f"LTX_SKIP_STEP is {skip_step}, and MEMORY_MODE is low: streamed weights come in the order of whole steps, "
            "so none of their passes can be left out."
        )
    if fp8 == "dynamic" and memory_mode == "low":
        return "LTX_FP8 is dynamic, and MEMORY_MODE is low: weights that are waited for are not multiplied faster."
    return None


def _cannot_multiply(configured: ModelSettings) -> str:
    """Why the device does not multiply in 8 bits, where that is asked; empty where it does, or nobody can tell."""
    if configured.fp8 != "dynamic":
        return ""
    needs = f"which needs an NVIDIA GPU of compute capability {CAPABILITY} or newer"
    gpu = installed.gpu()
    if configured.device == "cpu" or gpu is None:
        return f"{needs}; here a CPU would compute."
    capability = installed.compute_capability()
    if capability is not None and capability < CAPABILITY:
        return f"{needs}; {gpu} has {capability}."
    return ""
