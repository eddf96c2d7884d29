"""The templates of a cell, prepared for the search."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import PartLibraryError
from weld_cell.parts.blobs import template_outline
from weld_cell.parts.template import MIRRORED, PreparedTemplate, prepare_template
from weld_cell.records import FloatArray, PartTemplate


@dataclass(frozen=True, eq=False)
class PreparedLibrary:
    """Templates with what is asked of all of them at once.

    Attributes:
        templates: At least one, of different codes.
        spectra: (k, rings, frequencies) complex64 of their outlines.
        offsets_px: (k, 2) from each template's centre to the centroid of its outline.
        areas_px: (k,) of their outlines.
        inverted: Whether parts are darker than their background.
        outline_factor: Level of the pyramid at which blobs are outlined.
    """

    templates: tuple[PreparedTemplate, ...]
    spectra: 'np.ndarray[tuple[int, int, int], np.dtype[np.complex64]]'
    offsets_px: FloatArray
    areas_px: FloatArray
    inverted: bool
    outline_factor: int

    @property
    def codes(self) -> list[str]:
        """Of the parts; mirror images that are only rivals have none."""
        return [template.code for template in self.templates if not template.code.endswith(MIRRORED)]


def prepare_library(templates: Sequence[PartTemplate], surface_counts: bool = False) -> PreparedLibrary:
    """Make templates ready.

    Args:
        templates: As they were cut out.
        surface_counts: Whether the relief or colour of a template is that of every piece of the part.

    Raises:
        PartLibraryError: there are none, two have one code, some are darker and some brighter than their background,
            or one shows no part.
        ImageError: a template is no grey 8-bit image.
    """
    if not templates:
        raise PartLibraryError('The part library is empty.', 'Add the parts first: weld_cell parts add.')
    codes = [template.code for template in templates]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise PartLibraryError(
            f'Two templates of one code: {", ".join(twice)}.', 'Remove one of each, or give it a code of its own.'
        )
    prepared = tuple(prepare_template(template, surface_counts) for template in templates)
    dark = [template.code for template in prepared if template.inverted]
    if 0 < len(dark) < len(prepared):
        raise PartLibraryError(
            f'Some parts are darker than their background ({", ".join(dark[:5])}), others brighter.',
            'Photograph all templates under the light of the cell.',
        )
    outlines = [template_outline(template, _outline_factor(template)) for template in prepared]
    return PreparedLibrary(
        prepared,
        np.stack([outline.spectrum for outline in outlines]),
        np.array([np.subtract(o.centre_px, t.centre_px) for o, t in zip(outlines, prepared, strict=True)]),
        np.array([outline.area_px for outline in outlines]),
        bool(dark),
        min(_outline_factor(template) for template in prepared),
    )


def _outline_factor(template: PreparedTemplate) -> int:
    return template.factors[min(1, len(template.factors) - 1)]
