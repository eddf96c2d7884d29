"""A part's outline from a DXF drawing, and the template rendered from it.

The drawing shows the part from above, as the camera sees it; its coordinate system is the part's frame.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ezdxf import recover, units
from ezdxf.lldxf.const import DXFError

from weld_cell.errors import ConfigurationError
from weld_cell.geometry.polygon_cover import polygon_cover
from weld_cell.part_library.dxf_loops import closed_loops, one_part
from weld_cell.part_library.part import BACKGROUND_PX, FARTHEST_PX
from weld_cell.records import FloatArray, ImageArray

UNITS_MM = {'mm': 1.0, 'cm': 10.0, 'm': 1000.0, 'in': 25.4}
_UNITS = {units.MM: 'mm', units.CM: 'cm', units.M: 'm', units.IN: 'in'}
_MEET_MM = 0.02
_DEVIATION_PX = 0.002
_SIDES_PX = (16, 4096)
_CURVES = ('ARC', 'CIRCLE', 'ELLIPSE', 'SPLINE')
_POLYLINES = ('LWPOLYLINE', 'POLYLINE')


def read_dxf(path: Path, px_per_mm: float, layer: str | None = None, unit: str | None = None) -> list[FloatArray]:
    """The outline and the holes of the part in a drawing.

    Args:
        path: The file.
        px_per_mm: Of the template to be drawn; arcs become corners so near to them that it does not matter there.
        layer: That holds the outline; by default all layers count.
        unit: mm, cm, m or in, where the drawing does not tell its unit.

    Returns:
        Each (n, 2) x, y in mm: the outline running round to the left, then the holes, the other way round.

    Raises:
        ConfigurationError: the file is no DXF, its unit is not known, or it does not show the outline of one part.
    """
    document = _document(path)
    mm = _unit_mm(document, path, unit)
    entities = [e for e in _entities(document.modelspace()) if layer is None or e.dxf.layer.lower() == layer.lower()]
    if not entities:
        place = 'in model space' if layer is None else f'on layer {layer}'
        raise ConfigurationError(
            f'{path}: no lines {place}.', f'Is the file complete, and the outline in it? Layers: {_layers(document)}.'
        )
    deviation = _DEVIATION_PX / px_per_mm / mm
    where = f'{path} (layers: {_layers(document)})' if layer is None else f'{path}, layer {layer}'
    loops = closed_loops([_points(entity, deviation) for entity in entities], _MEET_MM / mm, where)
    return [mm * loop for loop in one_part(loops, where)]


def draw_outline(
    outline_mm: list[FloatArray], px_per_mm: float, part_grey: int, background_grey: int
) -> tuple[ImageArray, ImageArray, FloatArray]:
    """The template of an outline, x to the right.

    Args:
        outline_mm: As `read_dxf` returns it.
        px_per_mm: Resolution.
        part_grey: Grey of the metal.
        background_grey: Of what it lies on.

    Returns:
        Pixels (m, n), cover (m, n) from 0 to 255, and (2,) u, v of the drawing's origin.

    Raises:
        ConfigurationError: the template would be far too small or too large, or far from its origin.
    """
    low, high = outline_mm[0].min(axis=0), outline_mm[0].max(axis=0)
    width, height = (np.ceil((high - low) * px_per_mm).astype(int) + 2 * BACKGROUND_PX + 1).tolist()
    if min(width, height) < _SIDES_PX[0] + 2 * BACKGROUND_PX or max(width, height) > _SIDES_PX[1]:
        raise ConfigurationError(
            f'The part is {high[0] - low[0]:g} x {high[1] - low[1]:g} mm: at {px_per_mm:g} px/mm its template would '
            f'have {width} x {height} px, not {_SIDES_PX[0]} to {_SIDES_PX[1]}.',
            'Check --px-per-mm and the unit of the drawing; --units sets one that the drawing does not state.',
        )
    origin = BACKGROUND_PX + px_per_mm * np.array([-low[0], high[1]])
    if np.abs(origin).max() > FARTHEST_PX:
        raise ConfigurationError(
            f'The part lies around ({low[0]:g}, {low[1]:g}) mm, too far from the origin of the drawing.',
            "Move it there: the origin becomes that of the part's frame.",
        )
    cover = polygon_cover([origin + px_per_mm * loop * [1.0, -1.0] for loop in outline_mm], (width, height))
    pixels = np.round(background_grey + cover * (part_grey - background_grey)).astype(np.uint8)
    return pixels, np.round(255.0 * cover).astype(np.uint8), origin


def _document(path: Path) -> Any:
    try:
        document, _ = recover.readfile(path)
    except OSError as error:
        reason = error.strerror or 'no DXF file'
        raise ConfigurationError(f'{path}: cannot be read ({reason}).', 'Check the path.') from error
    except (DXFError, ValueError) as error:
        raise ConfigurationError(
            f'{path}: no usable DXF ({error}).', 'Save the drawing again as DXF R2010.'
        ) from error
    return document


def _unit_mm(document: Any, path: Path, unit: str | None) -> float:
    """Millimetres of the drawing's unit.

    Raises:
        ConfigurationError: it is not known, or not the one that was named.
    """
    told = _UNITS.get(document.units)
    if document.units and told is None:
        raise ConfigurationError(
            f'{path}: $INSUNITS {document.units} is none of {", ".join(UNITS_MM)}.',
            'Save the drawing in millimetres.',
        )
    if told is None and unit is None:
        raise ConfigurationError(f'{path}: its header has no unit ($INSUNITS).', 'Give it: --units mm, cm, m or in.')
    if told and unit and told != unit:
        raise ConfigurationError(f'{path}: its unit is {told}, not {unit}.', 'Leave --units out.')
    return UNITS_MM[told or unit or 'mm']


def _entities(found: Iterable[Any]) -> Iterator[Any]:
    """Lines and curves, those of blocks and polylines among them; texts, dimensions and hatches are passed over."""
    for entity in found:
        kind = entity.dxftype()
        if kind == 'INSERT' or kind in _POLYLINES:
            for part in entity.virtual_entities():
                if kind in _POLYLINES or part.dxf.layer == '0':  # what a block has on layer 0 takes the block's layer
                    part.dxf.layer = entity.dxf.layer
                yield from _entities([part])
        elif kind == 'LINE' or kind in _CURVES:
            yield entity


def _points(entity: Any, deviation: float) -> FloatArray:
    """(n, 2) along a line or a curve, in the drawing's unit."""
    straight = entity.dxftype() == 'LINE'
    points = (entity.dxf.start, entity.dxf.end) if straight else entity.flattening(deviation)
    return np.array([(point.x, point.y) for point in points])


def _layers(document: Any) -> str:
    counts = Counter(entity.dxf.layer for entity in _entities(document.modelspace()))
    return ', '.join(f'{layer} ({count} lines)' for layer, count in sorted(counts.items())) or 'none with lines'
