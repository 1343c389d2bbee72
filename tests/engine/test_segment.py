"""From heatmap to regions: points, choice of masks, windows. SAM is played by stand-ins whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from graft_plugin.engine.grid import Grid, Window
from graft_plugin.engine.mask_choice import ChoiceRules, Evidence, Scale, choose_masks, settle, without_specks
from graft_plugin.engine.polygons import merge_regions
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.proposals import MAX_NEGATIVE, MAX_POSITIVE, SPACING_PX, find_blobs, propose_points
from graft_plugin.engine.regions import Heat, thresholded
from graft_plugin.engine.sam import PromptedSam, SamConfig, build_small_sam
from graft_plugin.engine.sam_cache import SamCache
from graft_plugin.engine.segment import refine, sam_windows
from graft_plugin.errors import Cancelled

PATCH = 16


class Scene:
    """A truth mask as a two-coloured image; `read` as a scene's reader."""

    def __init__(self, truth, row=-1600, col=3200):
        self.truth = truth
        self.window = Window(row, col, *truth.shape)
        self.reads = []

    def read(self, window):
        self.reads.append(window)
        rgb = np.zeros((3, window.height, window.width), dtype=np.uint8)
        valid = np.zeros((window.height, window.width), dtype=bool)
        common = window.intersection(self.window)
        if not common.empty:
            here = self.truth[common.slices_in(self.window)]
            at = common.slices_in(window)
            rgb[:, at[0], at[1]] = np.where(here, 40, 150)
            valid[at] = True
        return rgb, valid

    def heat(self, stride=PATCH, blur=0.6, shift=0):
        """Scores as a model would give: the share of truth in the patch around each cell, blurred and made steep."""
        share = ndimage.uniform_filter(self.truth.astype(float), PATCH, mode="nearest")
        share = np.roll(share, shift, axis=(0, 1))[stride // 2 :: stride, stride // 2 :: stride]
        share = ndimage.gaussian_filter(share, blur * PATCH / stride)
        scores = (1 / (1 + np.exp(-12 * (share - 0.5)))).astype(np.float32)[None]
        whole = Window(self.window.row, self.window.col, share.shape[0] * stride, share.shape[1] * stride)
        return Heat(scores, whole, stride, PATCH)

    def paint(self, regions):
        out = np.zeros(self.truth.shape, dtype=bool)
        for r in regions:
            mask = r.mask.repeat(r.step_px, 0).repeat(r.step_px, 1)
            common = r.window.intersection(self.window)
            out[common.slices_in(self.window)] |= mask[common.slices_in(r.window)]
        return out


class Seer:
    """A SAM that gives the dark object under a prompt's points, and worse masks beside it that it thinks good."""

    image_px = 128
    sha256, model_id, precision = "0", "seer", "fp32"

    def __init__(self, blind=False):
        self.blind = blind
        self.embedded = self.prompted = 0

    def embed(self, rgb, valid=None, cancel=None):
        self.embedded += 1
        dark = (rgb[0] < 100) & (valid if valid is not None else True)
        return torch.from_numpy(ndimage.label(dark)[0])

    def masks(self, embedding, points, labels, hw, cancel=None):
        self.prompted += len(points)
        objects = embedding.numpy()
        out = np.zeros((len(points), 4, *hw), dtype=bool)
        for i, (xy, mark) in enumerate(zip(points, labels, strict=True)):
            at = np.round(xy[mark == 1]).astype(int).clip(0, hw[0] - 1)
            ids = set(objects[at[:, 1], at[:, 0]].tolist()) - {0}
            if not self.blind:
                out[i, 1] = np.isin(objects, list(ids)) & (objects > 0)
            out[i, 2] = True  # all of the window
            out[i, 3, :3, :3] = True  # a corner
        quality = np.tile(np.array([0.0, 0.9, 0.95, 0.99], dtype=np.float32), (len(points), 1))
        return out, quality


def disc(shape, row, col, radius):
    r, c = np.indices(shape)
    return (r - row) ** 2 + (c - col) ** 2 <= radius**2


def iou(a, b):
    return (a & b).sum() / max(1, (a | b).sum())


# points


def test_every_blob_gets_a_point_inside_it_and_negatives_outside():
    rng = np.random.default_rng(0)
    heat = ndimage.gaussian_filter(rng.random((40, 50)), 1.5).astype(np.float32)
    threshold = float(np.quantile(heat, 0.8))
    labels, count = find_blobs(heat, threshold)
    prompts = propose_points(heat, threshold, 8, lowest=float(heat.min()))
    assert [p.blob for p in prompts] == list(range(1, count + 1)) and count > 10
    for prompt in prompts:
        cells = ((prompt.positive + 0.5) / 8 - 0.5).astype(int)
        assert 1 <= len(cells) <= MAX_POSITIVE and len(prompt.negative) <= MAX_NEGATIVE
        assert (labels[cells[:, 1], cells[:, 0]] == prompt.blob).all()
        low = ((prompt.negative + 0.5) / 8 - 0.5).astype(int)
        assert (labels[low[:, 1], low[:, 0]] == 0).all()
        assert (heat[low[:, 1], low[:, 0]] < threshold).all()
        for group in (prompt.positive, prompt.negative):
            gaps = [np.hypot(*(a - b)) for i, a in enumerate(group) for b in group[:i]]
            assert all(g >= SPACING_PX for g in gaps)


def test_two_peaks_give_two_points_and_the_higher_comes_first():
    heat = np.full((12, 24), 0.1, dtype=np.float32)
    heat[4:8, 2:22] = 0.6
    heat[5:7, 4:6], heat[5:7, 18:20] = 0.8, 0.95
    (prompt,) = propose_points(heat, 0.5, 16)
    columns = prompt.positive[:, 0] / 16
    assert 17 < columns[0] < 21 and any(3 < c < 7 for c in columns[1:])


def test_a_large_blob_is_spread_over_and_ends_stay_reachable():
    heat = np.zeros((64, 64), dtype=np.float32)
    heat[2:62, 2:62] = 1.0
    (prompt,) = propose_points(heat, 0.5, 16)
    assert 4 <= len(prompt.positive) <= MAX_POSITIVE
    assert np.ptp(prompt.positive, axis=0).min() > 0.5 * 60 * 16


def test_unknown_cells_are_neither_blob_nor_negative():
    heat = np.full((9, 9), np.nan, dtype=np.float32)
    heat[4, 4] = 0.9
    (prompt,) = propose_points(heat, 0.5, 16)
    assert prompt.positive.tolist() == [[71.5, 71.5]] and len(prompt.negative) == 0
    assert propose_points(np.full((3, 3), np.nan, np.float32), 0.5, 16) == []


def test_variants_hold_each_point_alone_and_all_together():
    heat = np.zeros((20, 30), dtype=np.float32)
    heat[8:12, 4:26] = 1.0
    (prompt,) = propose_points(heat, 0.5, 16)
    variants = prompt.variants()
    assert len(variants) == 2 + len(prompt.positive)
    for points, labels in variants:
        assert len(points) == len(labels) and labels[0] == 1
    assert variants[0][1].tolist() == [1]
    assert variants[-1][1].tolist() == [1] * len(prompt.positive) + [0] * len(prompt.negative)


# choice


def evidence(scores, threshold=0.5):
    return Evidence.of(np.asarray(scores, dtype=np.float32), threshold, (0.0, 1.0))


def test_evidence_is_scaled_on_both_sides_and_unknown_says_nothing():
    found = evidence([[1.0, 0.75, 0.5, 0.25, 0.0, np.nan]])
    assert found.pro.tolist() == [[1.0, 0.5, 0.0, 0.0, 0.0, 0.0]]
    assert found.con.tolist() == [[0.0, 0.0, 0.0, 0.5, 1.0, 0.0]]
    narrow = Evidence.of(np.array([[0.62, 0.58]], np.float32), 0.6, (0.55, 0.65))
    np.testing.assert_allclose([narrow.pro[0, 0], narrow.con[0, 1]], 0.4, rtol=1e-3)


def test_the_mask_that_agrees_wins_over_one_that_sam_prefers():
    blob = disc((64, 64), 32, 32, 14)
    scores = np.where(blob, 0.95, 0.05)
    spill, part, good = np.ones_like(blob), blob & (np.indices(blob.shape)[1] < 24), disc((64, 64), 32, 32, 13.5)
    chosen, agreement = choose_masks(
        np.stack([spill, part, good]), np.array([0.99, 0.95, 0.6]), blob, evidence(scores), Scale(16, 16), ChoiceRules()
    )
    assert chosen == [2]
    assert agreement == pytest.approx(good.sum() / blob.sum(), rel=1e-4)


def test_agreement_equals_a_slow_sum():
    rng = np.random.default_rng(3)
    blob = disc((40, 40), 18, 20, 11)
    scores = ndimage.gaussian_filter(rng.random(blob.shape), 3).astype(np.float32)
    scores = (scores - scores.min()) / np.ptp(scores)
    mask = disc((40, 40), 20, 24, 12)
    rules = ChoiceRules(least_agreement=0.0, spill_weight=0.7, reach_patches=0.5)
    (chosen, agreement) = choose_masks(mask[None], np.array([0.5]), blob, evidence(scores), Scale(8, 4), rules)
    total = inside = spill = 0.0
    cells = np.argwhere(blob)
    away = {at: max(0.0, np.hypot(*(cells - at).T).min() - 2) for at in np.ndindex(blob.shape)}
    out = np.array([at for at, distance in away.items() if distance > 0])
    for at, distance in away.items():
        if distance == 0:
            if np.hypot(*(out - at).T).min() <= 4:
                pro = max((scores[at] - 0.5) / 0.5, 0.3)
                total += pro
                inside += pro * mask[at]
        elif mask[at]:
            spill += 0.7 * max((0.5 - scores[at]) / 0.5, 0.0) * min(distance / 8, 1.0) ** 2
    assert chosen == [0] and agreement == pytest.approx(inside / (total + spill), rel=1e-4)


def test_quality_decides_between_equals():
    blob = disc((64, 64), 32, 32, 14)
    one, other = blob.copy(), blob.copy()
    scores = np.where(blob, 0.95, 0.05)
    for quality, winner in (([0.2, 0.9], 1), ([0.9, 0.2], 0)):
        chosen, _ = choose_masks(
            np.stack([one, other]), np.array(quality), blob, evidence(scores), Scale(16, 16), ChoiceRules()
        )
        assert chosen == [winner]


def test_halves_are_joined_and_masks_that_add_nothing_are_not():
    blob = np.zeros((40, 80), dtype=bool)
    blob[10:30, 5:75] = True
    left, right = blob.copy(), blob.copy()
    left[:, 40:], right[:, :38] = False, False
    again = left.copy()
    again[5:35, 5:40] = True
    scores = np.where(blob, 0.9, 0.1)
    masks = np.stack([left, right, again])
    chosen, agreement = choose_masks(
        masks, np.array([0.9, 0.9, 0.9]), blob, evidence(scores), Scale(16, 16), ChoiceRules()
    )
    assert sorted(chosen) == [0, 1] and agreement > 0.95


def test_the_inside_of_a_large_blob_does_not_pay_for_a_spill():
    blob = disc((256, 256), 128, 128, 100)
    away = ndimage.distance_transform_edt(blob) - ndimage.distance_transform_edt(~blob)
    found = evidence(1 / (1 + np.exp(-away / 4)))
    everything = np.ones_like(blob)
    chosen, agreement = choose_masks(everything[None], np.array([1.0]), blob, found, Scale(16, 16), ChoiceRules())
    assert chosen == [] and agreement < 0.5
    wider = away > -8
    assert choose_masks(wider[None], np.array([1.0]), blob, found, Scale(16, 16), ChoiceRules())[0] == [0]


def test_nothing_is_chosen_when_nothing_agrees():
    blob = disc((64, 64), 32, 32, 8)
    scores = np.where(blob, 0.9, 0.02)
    masks = np.stack([np.ones_like(blob), disc((64, 64), 5, 5, 4)])
    assert choose_masks(masks, np.array([1.0, 1.0]), blob, evidence(scores), Scale(16, 16), ChoiceRules())[0] == []


def test_settling_cuts_what_is_far_and_gives_back_the_inside():
    blob = np.zeros((80, 120), dtype=bool)
    blob[20:60, 20:100] = True
    union = np.zeros_like(blob)
    union[24:56, 24:60] = True  # the left part, a little tighter
    union[35:40, :24] = True  # a leak to the left
    out = settle(blob, union, reach_px=10, inset_px=8)
    assert out[40, 90] and out[40, 65]  # the uncovered inside is back, without a gap
    assert not out[21, 30]  # at the rim beside the masks, the masks' edge holds
    assert not out[37, 5] and out[37, 15]  # the leak ends at the reach
    assert np.array_equal(settle(blob, np.zeros_like(blob), 10, 8), blob)


def test_specks_go_and_pinholes_close_but_the_only_piece_stays():
    mask = disc((60, 60), 30, 30, 15)
    mask[30, 30] = False
    mask[2, 2] = True
    mask[50:58, 50:58] = True  # large enough, but none of the blob's
    out = without_specks(mask, disc((60, 60), 30, 30, 10), 16)
    assert np.array_equal(out, disc((60, 60), 30, 30, 15))
    tiny = np.zeros((9, 9), dtype=bool)
    tiny[4, 4] = True
    assert np.array_equal(without_specks(tiny, tiny, 16), tiny)


# windows


@pytest.mark.parametrize(("height", "width"), [(50, 300), (128, 128), (129, 700), (500, 97)])
def test_cores_part_the_area_and_windows_overlap(height, width):
    area = Window(-77, 1003, height, width)
    count = np.zeros((height, width), dtype=int)
    for window, core in sam_windows(area, 128, 16, 0.25):
        assert window.shape == (128, 128) and window.row % 16 == 0 and window.col % 16 == 0
        assert core.intersection(window) == core and not core.empty
        count[core.slices_in(area)] += 1
        for first, last, size, low, high in (
            (core.row, core.stop[0], height, window.row, window.stop[0]),
            (core.col, core.stop[1], width, window.col, window.stop[1]),
        ):
            start = area.row if size == height and low == window.row else area.col
            inner_low, inner_high = first > start, last < start + size
            assert (not inner_low or first - low >= 8) and (not inner_high or high - last >= 8)
    assert (count == 1).all()


# the whole


@pytest.mark.parametrize("stride", [16, 8])
def test_refined_regions_have_the_true_outline(stride):
    truth = disc((400, 500), 150, 180, 70) | disc((400, 500), 300, 400, 40) | disc((400, 500), 60, 420, 14)
    truth[200:212, 100:480] |= False
    scene = Scene(truth)
    heat = scene.heat(stride)
    cells = scene.paint(thresholded(heat, [0.5]))
    drawn = scene.paint(refine(scene, heat, [0.5], Seer()))
    assert iou(drawn, truth) > 0.985 > 0.93 > iou(cells, truth) > 0.7


def test_a_thing_larger_than_a_window_comes_back_whole_and_its_inside_costs_nothing():
    truth = disc((900, 900), 450, 450, 400)
    scene, seer = Scene(truth), Seer()
    heat = scene.heat()
    regions = list(refine(scene, heat, [0.5], seer))
    drawn = scene.paint(regions)
    assert iou(drawn, truth) > 0.99 and drawn[450, 450]
    windows = len(sam_windows(scene.window, 128, 16, 0.25))
    assert seer.embedded < 0.75 * windows
    (lake,) = merge_regions(regions, Grid("EPSG:32614", 2.5))
    assert lake.area_m2 == pytest.approx(drawn.sum() * 6.25)
    assert 0 < lake.sam_score <= 1 and 0.8 < lake.score <= 1.0


def test_small_things_at_the_seams_are_found_once():
    truth = np.zeros((420, 420), dtype=bool)
    cores = sam_windows(Window(-1600, 3200, 420, 420), 128, 16, 0.25)
    centres = {(core.row + 1600, core.col - 3200) for _, core in cores if core.row > -1600 and core.col > 3200}
    assert len(centres) >= 9
    for row, col in centres:  # where four cores meet
        truth |= disc(truth.shape, row, col, 17)
    scene = Scene(truth)
    regions = list(refine(scene, scene.heat(8), [0.5], Seer()))
    polygons = merge_regions(regions, Grid("EPSG:32614", 2.5))
    assert len(polygons) == len(centres)
    assert iou(scene.paint(regions), truth) > 0.98


def test_a_blind_sam_leaves_the_heatmaps_own_objects():
    truth = disc((300, 300), 100, 120, 50) | disc((300, 300), 240, 60, 20)
    scene = Scene(truth)
    regions = list(refine(scene, scene.heat(), [0.5], Seer(blind=True)))
    assert ndimage.label(scene.paint(regions))[1] == 2
    assert iou(scene.paint(regions), truth) > 0.9  # the guided heatmap's outline
    assert all(math.isnan(r.sam_score) for r in regions)


def test_no_object_is_lost_however_small():
    heat = np.full((1, 20, 20), 0.05, dtype=np.float32)
    spots = [(3, 3), (3, 15), (10, 10), (16, 4), (19, 19)]
    for spot in spots:
        heat[(0, *spot)] = 0.9
    scene = Scene(np.zeros((320, 320), dtype=bool))  # the image shows nothing there
    for sam in (Seer(), Seer(blind=True)):
        regions = list(refine(scene, Heat(heat, scene.window, 16, 16), [0.5], sam))
        drawn = scene.paint(regions)
        assert all(drawn[r * 16 : r * 16 + 16, c * 16 : c * 16 + 16].any() for r, c in spots)


def test_windows_without_a_blob_are_neither_read_nor_embedded():
    truth = disc((800, 800), 60, 60, 30)
    scene, seer = Scene(truth), Seer()
    list(refine(scene, scene.heat(), [0.5], seer))
    assert 1 <= seer.embedded <= len(scene.reads) <= 4
    empty = Scene(np.zeros((400, 400), dtype=bool))
    assert list(refine(empty, empty.heat(), [0.5], seer)) == [] and not empty.reads


def test_windows_do_not_depend_on_the_extent():
    truth = disc((640, 640), 300, 330, 90)
    scene, part_seer = Scene(truth), Seer()
    whole = scene.heat()
    part = Window(scene.window.row + 160, scene.window.col + 176, 320, 336)
    at = tuple(slice(s.start // 16, s.stop // 16) for s in part.slices_in(scene.window))
    cut = Heat(np.ascontiguousarray(whole.scores[:, at[0], at[1]]), part, 16, 16)
    full = scene.paint(refine(scene, whole, [0.5], Seer(), area=scene.window))
    asked = scene.paint(refine(scene, cut, [0.5], part_seer, area=scene.window))
    inside = part.slices_in(scene.window)
    assert iou(full[inside], asked[inside]) > 0.995
    asked[inside] = False
    assert not asked.any()


def test_prompts_have_their_own_thresholds_and_share_an_embedding():
    truth = disc((256, 256), 80, 80, 40)
    other = disc((256, 256), 180, 180, 40)
    scene, seer = Scene(truth | other), Seer()
    first, second = Scene(truth).heat(), Scene(other).heat()
    heat = Heat(np.concatenate([first.scores, second.scores]), scene.window, 16, 16)
    regions = list(refine(scene, heat, [0.5, 0.6], seer))
    assert iou(scene.paint(r for r in regions if r.prompt_index == 0), truth) > 0.97
    assert iou(scene.paint(r for r in regions if r.prompt_index == 1), other) > 0.97
    assert seer.embedded <= len(sam_windows(scene.window, 128, 16, 0.25))


def test_invalid_pixels_are_never_taken():
    truth = disc((256, 256), 128, 250, 60)
    scene = Scene(truth)
    heat = scene.heat()
    scene.truth = truth[:, :230].copy()  # the raster ends at column 230
    scene.window = Window(scene.window.row, scene.window.col, 256, 230)
    regions = list(refine(scene, heat, [0.5], Seer()))
    assert max(r.window.stop[1] for r in regions) <= scene.window.stop[1]
    assert iou(scene.paint(regions), scene.truth) > 0.95


def test_thresholded_blocks_equal_the_whole(monkeypatch):
    rng = np.random.default_rng(0)
    scores = ndimage.gaussian_filter(rng.random((1, 50, 70)), (0, 2, 2)).astype(np.float32)
    scores[0, 5:8, 5:8] = np.nan
    heat = Heat(scores, Window(-160, 320, 800, 1120), 16, 16)
    threshold = float(np.nanmedian(scores))
    grid = Grid("EPSG:32614", 1.0)
    whole = merge_regions(thresholded(heat, [threshold]), grid)
    monkeypatch.setattr("graft_plugin.engine.regions._BLOCK_CELLS", 16)
    blocks = merge_regions(thresholded(heat, [threshold]), grid)
    assert len(whole) == len(blocks) > 3
    for one, other in zip(whole, blocks, strict=True):
        assert one.geometry.equals(other.geometry) and one.score == pytest.approx(other.score, rel=1e-5)
    assert sum(p.area_m2 for p in whole) == (scores >= threshold).sum() * 256


def test_a_real_sam_with_random_weights_runs_through_with_a_cache(tmp_path):
    torch.manual_seed(0)
    config = SamConfig(64, 8, 16, 2, 2, 4, (1,), 32, 2, 4, 32)
    sam = PromptedSam(build_small_sam(config), model_id="tiny", sha256="0")
    truth = disc((160, 160), 80, 80, 40)
    scene = Scene(truth)
    heat = scene.heat()
    seen = []
    cache = SamCache(tmp_path, {"scene": 1})
    first = scene.paint(refine(scene, heat, [0.5], sam, cache=cache, report=lambda *a: seen.append(a)))
    assert iou(first, truth) > 0.6  # a SAM that knows nothing does little harm
    windows = len(sam_windows(scene.window, 64, 16, 0.25))
    assert seen[0] == ("segment", 0, windows) and seen[-1] == ("segment", windows, windows)
    kept = list(tmp_path.glob("*/*.npy"))
    assert kept
    sam.embed = None  # all comes from the cache now
    assert iou(scene.paint(refine(scene, heat, [0.5], sam, cache=cache)), first) > 0.97  # kept as float16


def test_cancel_stops_between_windows():
    truth = disc((500, 500), 250, 250, 200)
    scene, seer, token = Scene(truth), Seer(), CancelToken()
    regions = refine(scene, scene.heat(), [0.5], seer, cancel=token)
    next(regions)
    token.cancel()
    before = seer.embedded
    with pytest.raises(Cancelled):
        list(regions)
    assert seer.embedded == before
    token_two = CancelToken()
    token_two.cancel()
    with pytest.raises(Cancelled):
        list(thresholded(scene.heat(), [0.5], cancel=token_two))
