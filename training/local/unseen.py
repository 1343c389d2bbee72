"""A landscape style outside the world that the mini model was trained on: the same places in colour infrared.

Colour infrared (near infrared, red, green shown as red, green, blue) is how many orthophotos come, and a usual reason
to fine-tune: plants are red, water is black, and no such colour is in the palettes of the world's "plain" and "varied"
looks. What a class looks like from the ground does not change with the camera in the air, so that ground photos of
these places are honest ones. The near infrared is invented too: a reflectance for each class, drawn anew for each
place, with the texture of the visible bands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..world.classes import CLASSES

_NIR = {
    "lake": 0.06, "river": 0.13, "pool": 0.16, "wetland": 0.36, "forest": 0.56, "orchard": 0.52, "shrubland": 0.40,
    "meadow": 0.66, "crops": 0.74, "soil": 0.38, "sand": 0.62, "road": 0.34, "track": 0.46, "railway": 0.36,
    "building": 0.46, "parking": 0.38,
}  # fmt: skip
_SPREAD = 0.12
_EDGE_PX = 0.7
_TONE_PX = 6.0


def infrared(
    image: NDArray[np.uint8], labels: NDArray[np.uint8], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return the colour-infrared picture of a place.

    Args:
        image: The place in red, green, blue, uint8 [3, H, W].
        labels: Its land classes, uint8 [H, W].
        rng: The source of randomness.

    Returns:
        uint8 [3, H, W]: near infrared, red, green.
    """
    table = np.array([_NIR[land.name] for land in CLASSES], np.float32)
    table = np.clip(table * np.exp(rng.normal(0, _SPREAD, len(table))), 0.02, 0.95).astype(np.float32)
    light = image.astype(np.float32).mean(0) / 255
    tone = (light + 0.02) / (ndimage.gaussian_filter(light, _TONE_PX) + 0.02)
    near = ndimage.gaussian_filter(table[labels], _EDGE_PX) * np.clip(tone, 0.5, 1.8)
    near += 0.01 * rng.standard_normal(near.shape, dtype=np.float32)
    top = (np.clip(near, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.stack([top, image[0], image[1]])
