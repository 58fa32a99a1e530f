"""Models for the GPU benchmark: the full-size LTX-2.3 architecture with random weights, or a small one.

Weights are drawn from a normal distribution and never zero: multiplying zeros draws less power, so a GPU runs them
at a higher clock than it can hold with real ones.
"""

from collections.abc import Callable
from typing import Any

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    LTX2ConditionPipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2VocoderWithBWE
from transformers import Gemma3Config, Gemma3ForConditionalGeneration

from tests.fixtures import small_ltx

TRANSFORMER = {
    "gated_attn": True,
    "cross_attn_mod": True,
    "audio_gated_attn": True,
    "audio_cross_attn_mod": True,
    "rope_type": "split",
    "use_prompt_embeddings": False,
    "perturbed_attn": True,
}
CONNECTORS = {
    "video_connector_num_attention_heads": 32,
    "video_connector_num_layers": 8,
    "video_gated_attn": True,
    "audio_connector_num_attention_heads": 32,
    "audio_connector_attention_head_dim": 64,
    "audio_connector_num_layers": 8,
    "audio_gated_attn": True,
    "rope_type": "split",
    "per_modality_projections": True,
    "proj_bias": True,
}
VIDEO_VAE = {
    "block_out_channels": (256, 512, 1024, 1024),
    "decoder_block_out_channels": (256, 512, 512, 1024),
    "layers_per_block": (4, 6, 4, 2, 2),
    "decoder_layers_per_block": (4, 6, 4, 2, 2),
    "decoder_spatio_temporal_scaling": (True, True, True, True),
    "decoder_inject_noise": (False, False, False, False, False),
    "upsample_type": ("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
    "upsample_residual": (False, False, False, False),
    "upsample_factor": (2, 2, 1, 2),
    "decoder_causal": False,
    "decoder_spatial_padding_mode": "zeros",
    "spatial_compression_ratio": 32,
    "temporal_compression_ratio": 8,
}
GEMMA_12B = {
    "hidden_size": 3840,
    "intermediate_size": 15360,
    "num_hidden_layers": 48,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 256,
    "vocab_size": 262208,
}


def _random(make: Callable[[], torch.nn.Module], device: str, dtype: torch.dtype) -> Any:
    """A module made without memory and then filled on the device with small normal numbers, filters included."""
    with torch.device("meta"):
        module = make().to(dtype)
    module = module.to_empty(device=device)
    generator = torch.Generator(device).manual_seed(0)
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data.normal_(std=0.02, generator=generator)
        else:
            tensor.data.zero_()
    return module.eval().requires_grad_(requires_grad=False)


def _give_statistics(vae: Any, audio: Any, vocoder: Any) -> None:
    vae.latents_mean.zero_()
    vae.latents_std.fill_(1)
    audio.latents_mean.zero_()
    audio.latents_std.fill_(1)
    vocoder.mel_stft.mel_basis.abs_()


def full_size(device: str, dtype: torch.dtype, *, gemma: bool, kind: Any = LTX2ConditionPipeline) -> Any:
    """LTX-2.3 dev: 23 thousand million parameters, 46 GB in bfloat16; with Gemma 3 12B 35 and 70.

    kind: the class of the pipeline.
    """
    words = small_ltx.tokenizer()
    vae = _random(lambda: AutoencoderKLLTX2Video(**VIDEO_VAE), device, dtype)
    audio = _random(AutoencoderKLLTX2Audio, device, dtype)
    vocoder = _random(LTX2VocoderWithBWE, device, torch.float32)
    _give_statistics(vae, audio, vocoder)
    return kind(
        scheduler=small_ltx.scheduler(),
        vae=vae,
        audio_vae=audio,
        text_encoder=_gemma(device, dtype) if gemma else None,
        tokenizer=words,
        connectors=_random(lambda: LTX2TextConnectors(**CONNECTORS), device, dtype),
        transformer=_random(lambda: LTX2VideoTransformer3DModel(**TRANSFORMER), device, dtype),
        vocoder=vocoder,
    )


def _gemma(device: str, dtype: torch.dtype) -> Any:
    # Its rotary frequencies are buffers that it computes, so it is made with memory and filled after.
    with torch.device(device):
        made = Gemma3ForConditionalGeneration._from_config(Gemma3Config(text_config=GEMMA_12B), dtype=dtype)
    for parameter in made.parameters():
        parameter.data.normal_(std=0.02)
    return made.eval().requires_grad_(requires_grad=False)


def small(device: str, dtype: torch.dtype, *, gemma: bool, kind: Any = LTX2ConditionPipeline) -> Any:
    """The tests' architecture, for running the benchmark itself where there is no GPU."""
    torch.manual_seed(0)
    words = small_ltx.tokenizer()
    parts = {
        "vae": small_ltx.video_vae().to(device, dtype),
        "audio_vae": small_ltx.audio_vae().to(device, dtype),
        "connectors": small_ltx.connectors().to(device, dtype),
        "transformer": small_ltx.transformer().to(device, dtype),
        "vocoder": small_ltx.vocoder().to(device),
    }
    encoder = small_ltx.text_encoder(len(words)).to(device, dtype) if gemma else None
    return kind(scheduler=small_ltx.scheduler(), text_encoder=encoder, tokenizer=words, **parts)
