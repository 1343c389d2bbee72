"""Chunks of any sizes give the gradient of the whole batch."""

from __future__ import annotations

import pytest
import torch

from training.batches import Batch
from training.config import TrainConfig
from training.module import GraftModule, batch_loss
from training.tower import Tower, load_parent


def make_batch(counts, dim=32, side=64, patches=16, seed=0):
    rng = torch.Generator().manual_seed(seed)
    owner = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    ground = torch.nn.functional.normalize(torch.randn(len(owner), dim, generator=rng), dim=-1)
    images = torch.randint(0, 256, (len(counts), 3, side, side), dtype=torch.uint8, generator=rng)
    return Batch(images, ground, owner, torch.randint(0, patches, (len(owner),), generator=rng))


def module_for(clip, precision="fp64", **settings):
    config = TrainConfig("p", "o", **settings)
    return GraftModule(Tower(load_parent(str(clip)).weights), config, precision, {})


def gradients(module, batch):
    module.tower.zero_grad(set_to_none=True)
    loss = module.add_batch_gradient(batch)
    return loss, {name: p.grad.clone() for name, p in module.tower.named_parameters() if p.grad is not None}


def difference(found, expected):
    assert set(found) == set(expected)
    return max(float((found[n] - g).norm() / g.norm().clamp(min=1e-30)) for n, g in expected.items() if g.norm() > 0)


COUNTS = [2, 1, 3, 1, 5, 2, 1]


@pytest.mark.parametrize("level", ["pixel", "image", "both"])
def test_equals_the_whole_batch(small_clip, level):
    batch = make_batch(COUNTS)
    whole = module_for(small_clip, level=level, chunk=len(COUNTS))
    loss, expected = gradients(whole, batch)
    reference = batch_loss(whole.encode(batch), batch.ground, batch.owner, whole.config)
    assert loss == pytest.approx(float(reference.detach()), rel=1e-12)
    assert max(float(g.abs().max()) for g in expected.values()) > 1e-4
    for chunk in (1, 2, 3, 5):  # 7 crops: the last chunk is smaller
        again, found = gradients(module_for(small_clip, level=level, chunk=chunk), batch)
        assert again == pytest.approx(loss, rel=1e-12)
        assert difference(found, expected) < 1e-6
    lower = make_batch(COUNTS[:4])
    assert difference(gradients(whole, lower)[1], expected) > 1e-2, "the test would not notice another batch"


def test_equals_it_with_activations_computed_twice(small_clip):
    batch = make_batch(COUNTS)
    expected = gradients(module_for(small_clip, chunk=7), batch)[1]
    module = module_for(small_clip, chunk=3)
    module.tower.use_checkpointing()
    module.tower.train()
    assert difference(gradients(module, batch)[1], expected) < 1e-6


def test_half_precision_keeps_its_gradients(small_clip):
    """Autocast keeps casted weights; those of the forward without gradients must not serve the one with them."""
    batch = make_batch(COUNTS)
    expected = gradients(module_for(small_clip, "fp32", chunk=7), batch)[1]
    found = gradients(module_for(small_clip, "bf16", chunk=3), batch)[1]
    assert set(found) == set(expected)
    for name, gradient in expected.items():
        if gradient.norm() > 1e-6:
            assert torch.nn.functional.cosine_similarity(found[name].ravel(), gradient.ravel(), dim=0) > 0.95, name


def test_photos_that_look_alike_are_no_negatives(small_clip):
    batch = make_batch(COUNTS)
    twin = Batch(batch.images, batch.ground.clone(), batch.owner, batch.patch_index)
    twin.ground[-1] = twin.ground[0]
    for level in ("pixel", "image"):
        plain, lenient = (
            module_for(small_clip, level=level, same_photo=same).add_batch_gradient(twin) for same in (None, 0.999)
        )
        assert lenient < plain - 1e-6
        untouched = module_for(small_clip, level=level, same_photo=0.999).add_batch_gradient(batch)
        assert untouched == pytest.approx(module_for(small_clip, level=level).add_batch_gradient(batch), rel=1e-9)
