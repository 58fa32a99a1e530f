"""The large matrices of the transformer's blocks in 8 bits: half the memory, and on new cards faster products.

Not exact, so nothing does this unless LTX_FP8 asks for it (docs/decisions/0068).
"""

from collections.abc import Callable
from typing import Any

import torch

from videogen.errors import GenerationError
from videogen.pipelines.device.compute import Device

# What a block multiplies its tokens by. Left as they are: norms and tables, which are no matrices; the gates of heads,
# which are 32 numbers a token; all that is outside the blocks; LoRAs, which run beside.
LAYERS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2")
MULTIPLE = 16  # the sides that 8-bit products take


def is_large(layer: torch.nn.Module, name: str) -> bool:
    """Whether a layer of a block, of that name, is one of those that are kept in 8 bits."""
    if not isinstance(layer, torch.nn.Linear) or not name.endswith(LAYERS):
        return False
    return not any(side % MULTIPLE for side in (layer.in_features, layer.out_features))


def identity(precision: str) -> str:
    """What tells weights of one precision, made by one version of the library, from others."""
    if precision == "off":
        return ""
    from torchao import __version__

    return f"{precision} {__version__}"


def quantise(transformer: Any, precision: str, device: Device, name: str, told: Callable[[], object]) -> None:
    """Turn the matrices of all blocks into 8 bits, each block on `device` and back; `told` hears of each.

    precision: "weights", which are multiplied in the transformer's own format, or "dynamic", where the tokens become 8
    bits as well. Raises GenerationError("model_unavailable") for `name` where the device cannot.
    """
    try:
        config = _config(precision)
        for block in transformer.transformer_blocks:
            _quantise(block, config, device.torch_device)
            block.to("cpu")
            told()
    except (ImportError, AssertionError, NotImplementedError) as error:
        reason = f"LTX_FP8 is {precision}, which cannot be done there: {error}"
        raise GenerationError("model_unavailable", model=name, reason=reason) from error


def _config(precision: str) -> Any:
    from torchao.quantization import Float8DynamicActivationFloat8WeightConfig, Float8WeightOnlyConfig, PerRow

    if precision == "weights":
        return Float8WeightOnlyConfig()
    return Float8DynamicActivationFloat8WeightConfig(granularity=PerRow())


def _quantise(block: torch.nn.Module, config: Any, device: torch.device) -> None:
    from torchao.quantization import quantize_

    quantize_(block, config, filter_fn=is_large, device=device)
