"""The small SAM's training: prompts in the right places, losses that equal their formulas, a model that learns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from scipy import ndimage
from torch.nn import functional as F

from graft_plugin.engine.sam import SamConfig, build_small_sam
from graft_plugin.errors import UsageError
from training.mini import prompts
from training.mini.sam import SamRun, save_sam, train_sam
from training.mini.sam_augment import augment_colour, move, recolour
from training.mini.sam_decoder import decode_masks
from training.mini.sam_losses import mask_iou, mask_losses, sam_loss
from training.mini.sam_scores import score_sam

TINY = SamConfig(
    image_px=64, patch_px=8, dim=32, depth=2, heads=2, window=4, global_layers=(1,), prompt_dim=32, decoder_heads=2,
    decoder_mlp=64,
)  # fmt: skip

STEPS = 240


def blobs(seed: int, count: int, side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Tiles of a ground, a disc and a bar, each class with its own colour; labels 0 to 2."""
    rng = np.random.default_rng(seed)
    palette = np.array([[70, 120, 60], [40, 60, 140], [190, 180, 170]], float)
    y, x = np.mgrid[:side, :side]
    tiles, labels = np.empty((count, 3, side, side), np.uint8), np.zeros((count, side, side), np.uint8)
    for i in range(count):
        r, (cy, cx) = rng.uniform(8, 20), rng.uniform(10, side - 10, 2)
        labels[i][np.hypot(y - cy, x - cx) < r] = 1
        at = int(rng.integers(4, side - 12))
        labels[i][:, at : at + 6] = 2
        colours = palette + rng.normal(0, 15, (3, 3))
        image = colours[labels[i]].transpose(2, 0, 1) + rng.normal(0, 6, (3, side, side))
        tiles[i] = np.clip(image, 0, 255).astype(np.uint8)
    return tiles, labels


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_objects_are_the_connected_parts_of_each_label(rng):
    labels = rng.integers(0, 4, (24, 32)).astype(np.uint8)
    objects = prompts.find_objects(labels)
    assert objects.areas.sum() == labels.size
    for k, (area, cls) in enumerate(zip(objects.areas, objects.classes)):
        mask = objects.mask(k)
        assert mask.sum() == area
        assert (labels[mask] == cls).all()
        assert ndimage.label(mask, np.ones((3, 3)))[1] == 1
        around = ndimage.binary_dilation(mask, np.ones((3, 3))) & ~mask
        assert not (labels[around] == cls).any()


def test_objects_below_the_least_size_are_not_asked_for(rng):
    labels = np.zeros((32, 32), np.uint8)
    labels[:3, :3] = 1
    labels[10:20, 10:20] = 2
    objects = prompts.find_objects(labels)
    chosen = prompts.choose_objects(rng, objects, 200, min_px=40)
    assert set(objects.classes[chosen]) == {0, 2}
    only_small = prompts.find_objects(np.arange(64, dtype=np.uint8).reshape(8, 8))
    assert len(prompts.choose_objects(rng, only_small, 5, min_px=40)) == 5


def test_favoured_labels_are_drawn_more_often(rng):
    labels = np.zeros((32, 32), np.uint8)
    labels[:, 16:] = 1
    objects = prompts.find_objects(labels)
    chosen = prompts.choose_objects(rng, objects, 4000, favoured=(1,), favour=3.0)
    assert (objects.classes[chosen] == 1).mean() == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("cell", [4, 8, 16])
def test_heat_points_are_cell_centres_of_the_right_cells(rng, cell):
    mask = np.zeros((64, 64), bool)
    mask[16:48, 0:40] = True
    points = prompts.heat_points(rng, mask, 3, 4, cell)
    assert [p[2] for p in points] == [1] * 3 + [0] * 4
    for x, y, label in points:
        assert (x - (cell - 1) / 2) % cell == 0 and (y - (cell - 1) / 2) % cell == 0
        row, col = int(y - (cell - 1) / 2), int(x - (cell - 1) / 2)
        share = mask[row : row + cell, col : col + cell].mean()
        assert share >= 0.5 if label else share <= 0.1


def test_an_object_smaller_than_every_cell_gets_the_cell_that_holds_most_of_it(rng):
    mask = np.zeros((64, 64), bool)
    mask[33:39, 17:22] = True
    (x, y, label), *rest = prompts.heat_points(rng, mask, 4, 0, 16)
    assert (x, y, label) == (23.5, 39.5, 1) and not rest


def test_every_prompt_starts_inside_its_object_or_within_half_a_cell_of_it(rng):
    mask = np.zeros((64, 64), bool)
    mask[20:40, 24:60] = True
    away = ndimage.distance_transform_edt(~mask)
    for _ in range(300):
        points = prompts.draw_points(rng, mask)
        assert 1 <= len(points) <= prompts.MAX_POSITIVE + prompts.MAX_NEGATIVE
        assert points[0][2] == prompts.POSITIVE
        for x, y, label in points:
            assert 0 <= x <= 63 and 0 <= y <= 63
            if label:
                assert away[round(y), round(x)] <= 13
    assert {p[2] for p in prompts.draw_points(rng, np.ones((64, 64), bool))} == {prompts.POSITIVE}


def test_padding_is_marked_as_unused():
    points, labels = prompts.stack_points([[(1.0, 2.0, 1)], [(3.0, 4.0, 1), (5.0, 6.0, 0)]])
    assert points.tolist() == [[[1, 2], [0, 0]], [[3, 4], [5, 6]]]
    assert labels.tolist() == [[1, -1], [1, 0]]


def test_the_truth_moves_with_the_picture():
    tiles, labels = blobs(1, 1, side=96)
    seen = set()
    for seed in range(40):
        image, truth = move(np.random.default_rng(seed), tiles[0], labels[0], 64)
        assert image.shape == (3, 64, 64) and truth.shape == (64, 64) and truth.dtype == np.uint8
        seen.add(truth.tobytes())
        grey = image.mean(0)
        bar, ground = grey[ndimage.binary_erosion(truth == 2)], grey[ndimage.binary_erosion(truth == 0)]
        if len(bar) > 20 and len(ground) > 20:  # the bar is by far the brightest thing
            assert np.quantile(bar, 0.1) > np.quantile(ground, 0.9)
    assert len(seen) > 30


def test_colour_changes_keep_the_range_and_the_place(rng):
    tiles, labels = blobs(2, 1)
    for _ in range(30):
        image = augment_colour(rng, tiles[0].astype(np.float32))
        assert image.shape == (3, 64, 64) and image.min() >= 0 and image.max() <= 255
        grey = image.mean(0)
        assert grey[labels[0] == 2].mean() > grey[labels[0] == 0].mean()


def test_recoloured_objects_have_one_mean_colour_each_and_keep_their_texture(rng):
    tiles, labels = blobs(3, 1)
    objects = prompts.find_objects(labels[0])
    image = tiles[0].astype(np.float32)
    new = recolour(rng, image, objects.ids)
    means = np.array([new[:, objects.mask(k)].mean(1) for k in range(len(objects.areas))])
    assert min(np.abs(a - b).max() for i, a in enumerate(means) for b in means[:i]) > 1
    inside = objects.mask(int(objects.areas.argmax()))
    assert np.corrcoef(image[0][inside], new[0][inside])[0, 1] > 0.9


def test_losses_equal_their_formulas():
    torch.manual_seed(0)
    logits, target = torch.randn(3, 4, 5, 6), (torch.rand(3, 1, 5, 6) > 0.6).float()
    got = mask_losses(logits, target)
    for i in range(3):
        for k in range(4):
            p, t = torch.sigmoid(logits[i, k]), target[i, 0]
            p_t = torch.where(t == 1, p, 1 - p)
            focal = (-0.5 * (1 - p_t) ** 2 * p_t.log()).mean()
            dice = 1 - (2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)
            assert got[i, k].item() == pytest.approx((20 * focal + dice).item(), rel=1e-5)
    found, true = logits[1, 2] > 0, target[1, 0] > 0.5
    assert mask_iou(logits, target)[1, 2] == pytest.approx(((found & true).sum() / (found | true).sum()).item())


def test_one_point_trains_the_best_of_three_and_several_points_the_first_token_too():
    torch.manual_seed(1)
    target = F.interpolate((torch.rand(2, 1, 4, 4) > 0.5).float(), (16, 16))[:, 0]
    logits = torch.randn(2, 4, 16, 16)
    logits[0, 2] = 8 * target[0] - 4
    logits[1, 3] = 8 * target[1] - 4
    logits.requires_grad_()
    iou = torch.zeros(2, 4, requires_grad=True)
    several = torch.tensor([False, True])
    loss = sam_loss(logits, iou, target, several)
    loss.backward()
    assert (logits.grad.abs().sum((2, 3)) > 0).tolist() == [[False, False, True, False], [True, False, False, True]]
    assert (iou.grad != 0).tolist() == (logits.grad.abs().sum((2, 3)) > 0).tolist()
    parts = mask_losses(logits, target[:, None]) + mask_iou(logits, target[:, None]) ** 2
    assert loss.item() == pytest.approx(((parts[0, 2] + parts[1, 0] + 0.5 * parts[1, 3]) / 2).item(), rel=1e-5)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_batched_decoder_equals_the_packages(layers):
    torch.manual_seed(2)
    sam = build_small_sam(SamConfig(**{**TINY.to_dict(), "decoder_depth": layers, "global_layers": (1,)}))
    for parameter in sam.parameters():
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    b, p, n = 3, 4, 5
    embeddings = torch.randn(b, 32, 8, 8)
    points, labels = torch.rand(b, p, n, 2) * 63, torch.randint(-1, 2, (b, p, n))
    pe = sam.prompt_encoder.get_dense_pe()
    with torch.no_grad():
        sparse, _ = sam.prompt_encoder((points.flatten(0, 1), labels.flatten(0, 1)), None, None)
        dense = sam.prompt_encoder.no_mask_embed.weight[0]
        masks, iou, _ = decode_masks(sam.mask_decoder, embeddings, pe, sparse.unflatten(0, (b, p)), dense)
        for i in range(b):
            tokens, cells = sam.prompt_encoder((points[i], labels[i]), None, None)
            true_masks, true_iou = sam.mask_decoder.predict_masks(embeddings[i : i + 1], pe, tokens, cells)
            torch.testing.assert_close(masks[i], true_masks, rtol=1e-4, atol=1e-5)
            torch.testing.assert_close(iou[i], true_iou, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def trained():
    torch.set_num_threads(1)
    stages = []
    config = replace(TINY, decoder_depth=1, prompt_dim=64)
    run = SamRun(seed=3, steps=STEPS, config=config, tiles_a_step=8, prompts_a_tile=8, favoured=(), bf16=False)
    sam, account = train_sam(run, *blobs(0, 60, side=96), report=lambda *call: stages.append(call))
    return sam, account, stages


def test_it_learns_to_follow_points(trained):
    sam, account, _ = trained
    tiles, labels = blobs(99, 12)
    scores = score_sam(sam, tiles, labels)["all"]
    torch.manual_seed(0)
    untrained = score_sam(build_small_sam(TINY), tiles, labels)["all"]
    for prompt in ("one_point_best_of_3", "three_and_three"):
        assert scores[prompt] > 0.33 > untrained[prompt] + 0.05
    assert account["mask_loss"][-1] < 0.8 * account["mask_loss"][0]


def test_the_account_is_complete(trained):
    sam, account, stages = trained
    assert account["steps"] == STEPS and account["prompts"] == STEPS * 64
    assert SamConfig.from_dict(account["config"]) == replace(TINY, decoder_depth=1, prompt_dim=64)
    assert account["parameters"] == sum(p.numel() for p in sam.parameters())
    assert stages[0] == ("sam", 1, STEPS) and stages[-1] == ("sam", STEPS, STEPS)
    assert not sam.training


def test_a_run_of_steps_repeats_itself():
    run = SamRun(seed=5, steps=3, config=TINY, tiles_a_step=2, prompts_a_tile=2, bf16=False)
    first, _ = train_sam(run, *blobs(0, 4))
    second, _ = train_sam(run, *blobs(0, 4))
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name


def test_the_file_holds_the_models_weights_in_float16(trained, tmp_path):
    sam, account, _ = trained
    path = save_sam(sam, tmp_path / "new")
    state = load_file(path)
    assert path == tmp_path / "new" / "sam.safetensors"
    assert {v.dtype for v in state.values()} == {torch.float16}
    again = build_small_sam(SamConfig.from_dict(account["config"]))
    again.load_state_dict({k: v.float() for k, v in state.items()}, strict=True)
    image = torch.from_numpy(blobs(7, 1)[0]).float()
    with torch.no_grad():
        a, b = (m.image_encoder(m.preprocess(image)) for m in (sam, again))
    assert (a - b).abs().max() < 0.02 * a.abs().max()


def test_tiles_that_do_not_fit_are_refused():
    tiles, labels = blobs(0, 2, side=32)
    with pytest.raises(UsageError, match="64 pixels"):
        train_sam(SamRun(config=TINY, steps=1), tiles, labels)
