"""A small checkpoint with every architectural switch of LTX-2.3, random weights and narrow layers."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    FlowMatchEulerDiscreteScheduler,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2VocoderWithBWE
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import Gemma3Config, Gemma3ForConditionalGeneration, PreTrainedTokenizerFast

TEXT_WIDTH = 32
TEXT_LAYERS = 2
BLOCKS = 4
VIDEO_HEADS, VIDEO_HEAD_WIDTH = 2, 32
AUDIO_HEADS, AUDIO_HEAD_WIDTH = 2, 16


def tokenizer(*, begins: bool = False) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer trained here and now: every byte is a token, so no text is unknown.

    begins: a token for the beginning is put before every text, as Gemma's does.
    """
    backend = Tokenizer(models.BPE(unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(["a fox runs through tall grass at dawn"], trainer)
    if begins:
        special = [("<bos>", backend.token_to_id("<bos>"))]
        backend.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=special)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        unk_token="<unk>",
        model_max_length=1024,
        padding_side="left",
    )


def text_encoder(vocabulary: int) -> Gemma3ForConditionalGeneration:
    """Gemma 3 with two layers; the vision tower is as small as its configuration allows."""
    config = Gemma3Config(
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": TEXT_WIDTH,
            "intermediate_size": 64,
            "num_hidden_layers": TEXT_LAYERS,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 16,
            "sliding_window": 1024,
            "pad_token_id": 0,
            "eos_token_id": 1,
            "bos_token_id": 2,
        },
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 1,
            "image_size": 28,
            "patch_size": 14,
        },
        mm_tokens_per_image=4,
    )
    return Gemma3ForConditionalGeneration(config)


def connectors() -> LTX2TextConnectors:
    """Text connectors of 2.3: gated attention, one projection a modality, learnable registers."""
    return LTX2TextConnectors(
        caption_channels=TEXT_WIDTH,
        text_proj_in_factor=TEXT_LAYERS + 1,
        video_connector_num_attention_heads=VIDEO_HEADS,
        video_connector_attention_head_dim=VIDEO_HEAD_WIDTH,
        video_connector_num_layers=1,
        video_connector_num_learnable_registers=128,
        video_gated_attn=True,
        audio_connector_num_attention_heads=AUDIO_HEADS,
        audio_connector_attention_head_dim=AUDIO_HEAD_WIDTH,
        audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=128,
        audio_gated_attn=True,
        connector_rope_base_seq_len=4096,
        rope_type="split",
        per_modality_projections=True,
        video_hidden_dim=VIDEO_HEADS * VIDEO_HEAD_WIDTH,
        audio_hidden_dim=AUDIO_HEADS * AUDIO_HEAD_WIDTH,
        proj_bias=True,
    )


def transformer() -> LTX2VideoTransformer3DModel:
    """The transformer of 2.3 with four blocks."""
    return LTX2VideoTransformer3DModel(
        num_attention_heads=VIDEO_HEADS,
        attention_head_dim=VIDEO_HEAD_WIDTH,
        cross_attention_dim=VIDEO_HEADS * VIDEO_HEAD_WIDTH,
        gated_attn=True,
        cross_attn_mod=True,
        audio_num_attention_heads=AUDIO_HEADS,
        audio_attention_head_dim=AUDIO_HEAD_WIDTH,
        audio_cross_attention_dim=AUDIO_HEADS * AUDIO_HEAD_WIDTH,
        audio_gated_attn=True,
        audio_cross_attn_mod=True,
        num_layers=BLOCKS,
        caption_channels=TEXT_WIDTH,
        rope_type="split",
        use_prompt_embeddings=False,
        perturbed_attn=True,
    )


def video_vae() -> AutoencoderKLLTX2Video:
    """The video autoencoder of 2.3: 32 x 32 x 8 pixels to one latent of 128 channels."""
    return AutoencoderKLLTX2Video(
        block_out_channels=(8, 16, 32, 32),
        decoder_block_out_channels=(8, 16, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, True),
        decoder_spatio_temporal_scaling=(True, True, True, True),
        decoder_inject_noise=(False, False, False, False, False),
        upsample_type=("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
        upsample_residual=(False, False, False, False),
        upsample_factor=(2, 2, 1, 2),
        encoder_causal=True,
        decoder_causal=False,
        decoder_spatial_padding_mode="zeros",
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )


def audio_vae() -> AutoencoderKLLTX2Audio:
    """The audio autoencoder; its statistics are sized by base_channels, so that stays 128."""
    return AutoencoderKLLTX2Audio(
        base_channels=128, ch_mult=(1, 1, 1), num_res_blocks=1, norm_type="pixel", causality_axis="height"
    )


def vocoder() -> LTX2VocoderWithBWE:
    """The two-stage vocoder of 2.3: 16 kHz, then 48 kHz stereo."""
    small: dict[str, Any] = {"resnet_kernel_sizes": [3], "resnet_dilations": [[1, 3]]}
    model = LTX2VocoderWithBWE(
        hidden_channels=64,
        bwe_hidden_channels=32,
        **small,
        **{f"bwe_{name}": value for name, value in small.items()},
    )
    torch.nn.init.normal_(model.mel_stft.stft_fn.forward_basis, std=0.05)
    torch.nn.init.uniform_(model.mel_stft.mel_basis, 0.0, 0.02)
    return model


def scheduler(*, distilled: bool = False) -> FlowMatchEulerDiscreteScheduler:
    """The scheduler of the dev checkpoint, or of the distilled one."""
    if distilled:
        return FlowMatchEulerDiscreteScheduler()
    return FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True,
        base_shift=0.95,
        max_shift=2.05,
        base_image_seq_len=1024,
        max_image_seq_len=4096,
        shift_terminal=0.1,
    )


def _give_statistics(vae: AutoencoderKLLTX2Video, audio: AutoencoderKLLTX2Audio) -> None:
    """Statistics other than 0 and 1, so that a forgotten normalisation is seen."""
    for buffer, low, high in (
        (vae.latents_mean, -0.2, 0.2),
        (vae.latents_std, 0.8, 1.2),
        (audio.latents_mean, -0.2, 0.2),
        (audio.latents_std, 0.8, 1.2),
    ):
        buffer.uniform_(low, high)


def save(folder: Path, *, distilled: bool = False, seed: int = 0) -> Path:
    """Write the checkpoint as the real repositories are laid out (their index names LTX2Pipeline)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        words = tokenizer(begins=True)
        vae, sound = video_vae(), audio_vae()
        _give_statistics(vae, sound)
        pipe = LTX2Pipeline(
            scheduler=scheduler(distilled=distilled),
            vae=vae,
            audio_vae=sound,
            text_encoder=text_encoder(len(words)),
            tokenizer=words,
            connectors=connectors(),
            transformer=transformer(),
            vocoder=vocoder(),
        )
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder
