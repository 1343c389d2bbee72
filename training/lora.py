"""LoRA (Hu et al., arXiv 2106.09685) through peft: small matrices beside frozen weights, merged for export."""

from __future__ import annotations

import torch
from torch import nn

from graft_plugin.errors import UsageError

from .tower import Tower

_TARGETS = ["qkv", "out_proj", "c_fc", "c_proj"]


def add_lora(tower: Tower, rank: int, alpha: float | None, seed: int) -> None:
    """Freeze a tower but for its projector and new LoRA matrices in every block's linear layers, in place.

    Raises:
        UsageError: peft is not installed.
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise UsageError(
            "LoRA needs the package peft", remedy="Install the extra `train`, or set lora_rank = 0."
        ) from error
    config = LoraConfig(
        r=rank, lora_alpha=2 * rank if alpha is None else alpha, target_modules=_TARGETS, lora_dropout=0.0  # type: ignore[arg-type]
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        tower.requires_grad_(False)
        inject_adapter_in_model(config, tower.visual)
    tower.projector.requires_grad_()


def merge_lora(tower: Tower) -> None:
    """Add the LoRA matrices to the weights and take them out, in place."""
    from peft.tuners.lora import LoraLayer

    for module in list(tower.visual.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, LoraLayer) and isinstance(child, nn.Module):
                child.merge()
                setattr(module, name, child.get_base_layer())
