"""SAM's mask decoder for many prompts on many tiles at once, for training.

The arithmetic is that of `segment_anything.modeling.MaskDecoder.predict_masks`, on the same modules and weights. What
changes is the order: the first layer's image keys, values and queries are computed once a tile rather than once a
prompt, and the upscaling stays channels-last, where a transposed convolution of stride 2 and size 2 is a matrix
product. A test holds both equal.
"""

from __future__ import annotations

import torch
from segment_anything.modeling import MaskDecoder
from segment_anything.modeling.transformer import Attention, TwoWayAttentionBlock
from torch import Tensor, nn
from torch.nn import functional as F


def _split(x: Tensor, heads: int) -> Tensor:
    """[..., N, C] to [..., heads, N, C / heads]."""
    return x.unflatten(-1, (heads, -1)).transpose(-2, -3)


def _weigh(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Softmax attention over [..., N, d]; for heads of 8 to 16 channels two matrix products beat the fused kernel."""
    return (q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)).softmax(-1, dtype=q.dtype) @ v


def _attend(attention: Attention, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of [G, Nq, C] to [G, Nk, C]."""
    heads = attention.num_heads
    q, k, v = attention.q_proj(q), attention.k_proj(k), attention.v_proj(v)
    return attention.out_proj(
        _weigh(_split(q, heads), _split(k, heads), _split(v, heads)).transpose(-2, -3).flatten(-2)
    )


def _queries(layer: TwoWayAttentionBlock, queries: Tensor, tokens: Tensor) -> Tensor:
    """The layer's self-attention among the tokens [G, T, C]."""
    if layer.skip_first_layer_pe:
        return layer.norm1(_attend(layer.self_attn, queries, queries, queries))
    q = queries + tokens
    return layer.norm1(queries + _attend(layer.self_attn, q, q, queries))


def _first_layer(layer: TwoWayAttentionBlock, image: Tensor, pe: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """The layer whose image tokens [B, S, C] are still shared by the prompts of a tile; tokens are [B, P, T, C]."""
    b, p, t, c = tokens.shape
    queries = _queries(layer, tokens.flatten(0, 1), tokens.flatten(0, 1))
    q = (queries + tokens.flatten(0, 1)).view(b, p * t, c)
    queries = layer.norm2(queries + _attend(layer.cross_attn_token_to_image, q, image + pe, image).view(b * p, t, c))
    queries = layer.norm3(queries + layer.mlp(queries))
    back, k = layer.cross_attn_image_to_token, queries + tokens.flatten(0, 1)
    shared = _split(back.q_proj(image + pe), back.num_heads)[:, None].expand(-1, p, -1, -1, -1).flatten(0, 1)
    out = _weigh(shared, _split(back.k_proj(k), back.num_heads), _split(back.v_proj(queries), back.num_heads))
    out = back.out_proj(out.transpose(1, 2).flatten(2))
    return queries, layer.norm4((image[:, None] + out.unflatten(0, (b, p))).flatten(0, 1))


def _later_layer(
    layer: TwoWayAttentionBlock, queries: Tensor, keys: Tensor, pe: Tensor, tokens: Tensor
) -> tuple[Tensor, Tensor]:
    """A layer with its own image tokens [G, S, C] for each prompt; tokens are [G, T, C]."""
    queries = _queries(layer, queries, tokens)
    queries = layer.norm2(queries + _attend(layer.cross_attn_token_to_image, queries + tokens, keys + pe, keys))
    queries = layer.norm3(queries + layer.mlp(queries))
    return queries, layer.norm4(keys + _attend(layer.cross_attn_image_to_token, keys + pe, queries + tokens, queries))


def _double(up: nn.ConvTranspose2d, x: Tensor) -> Tensor:
    """The transposed convolution of [..., C] cells, as [..., 4, C'] sub-cells in row order."""
    weight = up.weight.permute(2, 3, 1, 0).flatten(0, 2)  # [(row, col, C'), C]
    bias = None if up.bias is None else up.bias.repeat(4)
    return F.linear(x, weight, bias).unflatten(-1, (4, -1))


def _upscale(decoder: MaskDecoder, keys: Tensor, hyper: Tensor, grid: int) -> Tensor:
    """Masks [G, K, 4g, 4g] from image tokens [G, g*g, C] and one vector a mask [G, K, C / 8]."""
    first, norm, act, second, act2 = decoder.output_upscaling
    x = _double(first, keys)
    x = act(F.layer_norm(x, x.shape[-1:], norm.weight.to(x.dtype), norm.bias.to(x.dtype), norm.eps))
    x = act2(_double(second, x)).flatten(1, 3)  # [G, g*g*4*4, C / 8]
    masks = hyper @ x.transpose(1, 2)
    masks = masks.unflatten(2, (grid, grid, 2, 2, 2, 2))  # row, col, then two levels of (row, col)
    return masks.permute(0, 1, 2, 4, 6, 3, 5, 7).flatten(5, 7).flatten(2, 4)


def decode_masks(
    decoder: MaskDecoder, embeddings: Tensor, pe: Tensor, sparse: Tensor, dense: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Masks of P prompts on each of B tiles.

    Args:
        decoder: The decoder, with its weights.
        embeddings: Image embeddings [B, C, g, g].
        pe: Positional encoding [1, C, g, g].
        sparse: Prompt tokens [B, P, N, C].
        dense: What a missing mask prompt adds to each cell, [C].

    Returns:
        Logits [B, P, K, 4g, 4g] and predicted IoU [B, P, K], K mask tokens (token 0 is the one for several points), and
        what the transformer made of those tokens, [B, P, K, C].
    """
    b, p = sparse.shape[:2]
    grid = embeddings.shape[-1]
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else embeddings.dtype
    image = (embeddings + dense[:, None, None]).flatten(2).transpose(1, 2).to(dtype)
    pe = pe.flatten(2).transpose(1, 2).to(dtype)
    own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    tokens = torch.cat([own.expand(b, p, -1, -1), sparse], 2).to(dtype)
    transformer = decoder.transformer
    queries, keys = _first_layer(transformer.layers[0], image, pe, tokens)
    tokens = tokens.flatten(0, 1)
    for layer in list(transformer.layers)[1:]:
        queries, keys = _later_layer(layer, queries, keys, pe, tokens)
    q = queries + tokens
    out = transformer.norm_final_attn(queries + _attend(transformer.final_attn_token_to_image, q, keys + pe, keys))
    count = decoder.num_mask_tokens
    hyper = torch.stack([mlp(out[:, 1 + i]) for i, mlp in enumerate(decoder.output_hypernetworks_mlps)], 1)
    masks = _upscale(decoder, keys, hyper, grid).unflatten(0, (b, p))
    return masks, decoder.iou_prediction_head(out[:, 0]).view(b, p, count), out[:, 1 : 1 + count].unflatten(0, (b, p))
