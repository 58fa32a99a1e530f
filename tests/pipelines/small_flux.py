"""A small FLUX.2 klein checkpoint, and a small plain text-to-image one, with random weights."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from tests.pipelines.small_ltx import tokenizer

CHAT = "{% for message in messages %}<bos>{{ message.role }}: {{ message.content }}<eos>{% endfor %}"


def _words(limit: int) -> PreTrainedTokenizerFast:
    words = tokenizer()
    words.chat_template = CHAT
    words.padding_side = "right"
    words.model_max_length = limit
    return words


def save_klein(folder: Path, *, distilled: bool = True) -> Path:
    """Write a small checkpoint as the real repository is laid out."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        words = _words(512)
        encoder = Qwen3ForCausalLM(
            Qwen3Config(
                vocab_size=len(words),
                hidden_size=16,
                intermediate_size=16,
                num_hidden_layers=28,  # the pipeline reads layers 9, 18 and 27
                num_attention_heads=2,
                num_key_value_heads=2,
                head_dim=8,
                max_position_embeddings=512,
            )
        )
        pipe = Flux2KleinPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
            vae=AutoencoderKLFlux2(
                block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=1, norm_num_groups=1
            ),
            text_encoder=encoder,
            tokenizer=words,
            transformer=Flux2Transformer2DModel(
                in_channels=4,
                num_layers=1,
                num_single_layers=1,
                attention_head_dim=16,
                num_attention_heads=2,
                joint_attention_dim=48,
                timestep_guidance_channels=32,
                axes_dims_rope=(4, 4, 4, 4),
                guidance_embeds=False,
            ),
            is_distilled=distilled,
        )
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder


def save_plain(folder: Path) -> Path:
    """Write a small Stable Diffusion checkpoint: the plain kind."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        words = _words(77)
        pipe = StableDiffusionPipeline(
            unet=UNet2DConditionModel(
                block_out_channels=(8, 16),
                layers_per_block=1,
                in_channels=4,
                out_channels=4,
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                cross_attention_dim=16,
                attention_head_dim=4,
                norm_num_groups=4,
            ),
            scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
            vae=AutoencoderKL(
                block_out_channels=(4, 4, 4, 4),
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                latent_channels=4,
                norm_num_groups=2,
            ),
            text_encoder=CLIPTextModel(
                CLIPTextConfig(
                    vocab_size=len(words),
                    hidden_size=16,
                    intermediate_size=16,
                    num_hidden_layers=1,
                    num_attention_heads=2,
                    max_position_embeddings=77,
                    pad_token_id=0,
                    eos_token_id=1,
                    bos_token_id=2,
                )
            ),
            tokenizer=words,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder
