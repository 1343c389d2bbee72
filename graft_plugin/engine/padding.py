"""What a model sees where a tile has no pixels: the mirror image of what is beside.

A tile at the scene's edge, or with a hole in it, cannot be left black there: smooth and dark looks like water, and
attention carries it into the patches that do exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt


def mirror_fill(rgb: NDArray[np.uint8], valid: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Fill invalid pixels with the picture mirrored at the nearest valid one.

    Args:
        rgb: uint8 [3, H, W].
        valid: bool [H, W], which pixels exist.

    Returns:
        uint8 [3, H, W]. Valid pixels are as they were. Where the mirror image ends it is mirrored again; a part too
        thin to be mirrored repeats its nearest pixel. A tile without any valid pixel stays as it is.
    """
    if valid.all() or not valid.any():
        return rgb
    out, known = rgb.copy(), valid.copy()
    here = np.indices(valid.shape)
    limit = np.array(valid.shape).reshape(2, 1, 1) - 1
    while not known.all():
        near = distance_transform_edt(~known, return_distances=False, return_indices=True)
        mirrored = 2 * near - here
        inside = np.clip(mirrored, 0, limit)
        new = ~known & (mirrored == inside).all(0) & known[inside[0], inside[1]]
        source = inside if new.any() else near
        new = new if new.any() else ~known
        out[:, new] = out[:, source[0][new], source[1][new]]
        known |= new
    return out
