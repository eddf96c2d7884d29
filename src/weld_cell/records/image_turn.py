"""The rotation of an image that lets the stripe run down the columns."""

from dataclasses import dataclass

import numpy as np

from weld_cell.records.arrays import FloatArray


@dataclass(frozen=True)
class ImageTurn:
    """An affine map from the upright image, whose columns the stripe runs down, to the camera's image.

    Attributes:
        right: (du, dv) in the camera's image of a step along the upright image's rows.
        down: (du, dv) of a step along its columns: along the stripe.
        origin_px: (u, v) in the camera's image of the upright image's first pixel.
    """

    right: tuple[float, float] = (1.0, 0.0)
    down: tuple[float, float] = (0.0, 1.0)
    origin_px: tuple[float, float] = (0.0, 0.0)

    def to_image(self, upright_px: FloatArray) -> FloatArray:
        """Places (n, 2) of the upright image in the camera's image."""
        if self == UPRIGHT:
            return upright_px
        places: FloatArray = upright_px @ np.array([self.right, self.down]) + np.array(self.origin_px)
        return places

    def from_image(self, image_px: FloatArray) -> FloatArray:
        """Places (n, 2) of the camera's image in the upright image."""
        if self == UPRIGHT:
            return image_px
        back = np.linalg.inv(np.array([self.right, self.down]))
        places: FloatArray = (image_px - np.array(self.origin_px)) @ back
        return places

    @property
    def matrix(self) -> FloatArray:
        """(2, 3) of `to_image`, as OpenCV takes it."""
        return np.column_stack([self.right, self.down, self.origin_px])


UPRIGHT = ImageTurn()
"""The stripe runs down the columns as the camera sends them."""
