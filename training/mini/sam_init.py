"""A start for the small SAM from which minutes of training are enough.

From the usual random start nothing moves for thousands of steps: the embedding of every cell is nearly the same, and a
mask token finds out only by chance that the image below the point matters. So the encoder starts as the principal
components of the tiles' own patches, and the decoder starts with tokens that look at the places of the points.

Source of the data-dependent part: Krähenbühl et al., "Data-dependent Initializations of CNNs", ICLR 2016.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from segment_anything.modeling import Sam
from torch import Tensor, nn
from torch.nn import functional as F

_SAMPLE = 64  # tiles that the start is measured on


@torch.no_grad()
def start_from_data(sam: Sam, tiles: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Set a fresh SAM's image encoder so that its embedding tells the tiles' patches apart.

    The patch embedding becomes the leading principal components of the tiles' patches, so that colour is what the
    stream holds before anything is learned; blocks start as small changes of it; the neck's 3x3 convolution starts by
    looking mostly at its own cell, and its last norm centres every channel over the tiles.

    Args:
        sam: The model.
        tiles: uint8 [N, 3, H, W].
        rng: The source of randomness.
    """
    chosen = np.sort(rng.choice(len(tiles), min(_SAMPLE, len(tiles)), replace=False))
    images = sam.preprocess(torch.from_numpy(tiles[chosen]).float())
    encoder = sam.image_encoder
    patch = encoder.patch_embed.proj
    pieces = F.unfold(images, patch.kernel_size, stride=patch.stride).transpose(1, 2).flatten(0, 1)
    mean = pieces.mean(0)
    _, basis = torch.linalg.eigh((pieces - mean).T @ (pieces - mean) / len(pieces))
    width = min(patch.out_channels, len(basis))
    order = torch.arange(len(basis)).flip(0)[:width]
    patch.weight[:width] = basis[:, order].T.view(width, *patch.weight.shape[1:])
    patch.bias[:width] = -(patch.weight[:width].flatten(1) @ mean)
    for block in encoder.blocks:
        block.attn.proj.weight.mul_(0.1)
        block.mlp.lin2.weight.mul_(0.1)
    mix, norm = encoder.neck[2], encoder.neck[3]
    mix.weight.mul_(0.3)
    mix.weight[:, :, 1, 1] += nn.init.orthogonal_(torch.empty(mix.weight.shape[:2]))
    out = encoder(images).transpose(0, 1).flatten(1)
    norm.weight.copy_(0.5 / out.std(1).clamp(min=0.1))
    norm.bias.copy_(-norm.weight * out.mean(1))


@torch.no_grad()
def focus_on_points(sam: Sam) -> None:
    """Set a fresh SAM's decoder so that mask tokens start with what the image holds at the points.

    The first self-attention averages the tokens, whose own vectors are made small beside the points' positional
    encodings; in the first attention to the image, queries and keys get the same projection, so that they meet where
    the encodings agree; and its values come back unchanged but for the projection to half the width.
    """
    transformer = sam.mask_decoder.transformer
    for module in transformer.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    first = transformer.layers[0]
    average, look = first.self_attn, first.cross_attn_token_to_image
    for projection in (average.q_proj, average.k_proj):
        projection.weight.mul_(0.1)
    _there_and_back(average.v_proj.weight, average.out_proj.weight)
    _there_and_back(look.v_proj.weight, look.out_proj.weight)
    shared = 3.0 * nn.init.orthogonal_(torch.empty_like(look.q_proj.weight))
    look.out_proj.weight.mul_(3.0)
    look.q_proj.weight.copy_(shared)
    look.k_proj.weight.copy_(shared)
    first.norm1.weight.fill_(0.5)
    prompts, decoder = sam.prompt_encoder, sam.mask_decoder
    for tokens in (*prompts.point_embeddings, prompts.not_a_point_embed, decoder.iou_token, decoder.mask_tokens):
        tokens.weight.mul_(0.1)
    prompts.no_mask_embed.weight.mul_(0.1)


def _there_and_back(there: Tensor, back: Tensor) -> None:
    nn.init.orthogonal_(there)
    back.copy_(there.T)
