"""Outlines out of DXF drawings: arcs, blocks and units as they are meant, and what is refused."""

import ezdxf
import numpy as np
import pytest

from weld_cell.errors import ConfigurationError
from weld_cell.geometry.polygon_cover import polygon_area
from weld_cell.part_library.dxf import draw_outline, read_dxf
from weld_cell.sim.sheet_metal_drawing import draw_part
from weld_cell.sim.sheet_metal_random import random_part

SQUARE = [(0, 0), (40, 0), (40, 30), (0, 30)]


@pytest.fixture
def read(tmp_path):
    """What `read_dxf` makes of a drawing."""

    def outline(draw, units=4, px_per_mm=2.0, **choices):
        document = ezdxf.new(units=units)
        draw(document.modelspace())
        document.saveas(tmp_path / 'part.dxf')
        return read_dxf(tmp_path / 'part.dxf', px_per_mm, **choices)

    return outline


def square(space, layer='0', shift=0.0):
    for (ax, ay), (bx, by) in zip(SQUARE, SQUARE[1:] + SQUARE[:1], strict=True):
        space.add_line((ax + shift, ay), (bx + shift, by), dxfattribs={'layer': layer})


def half_discs(space):
    space.add_lwpolyline([(0, 0, 1.0), (20, 0, 1.0)], format='xyb', close=True)


def rounded(space):
    """A slot of two lines, which run the same way, and two arcs."""
    space.add_line((0, 0), (20, 0))
    space.add_line((0, 10), (20, 10))
    space.add_arc((20, 5), 5, -90, 90)
    space.add_arc((0, 5), 5, 90, 270)


def in_a_block(space):
    block = space.doc.blocks.new('part')
    square(block)
    space.add_blockref('part', (100, 50), dxfattribs={'rotation': 90.0})


@pytest.mark.parametrize(
    ('draw', 'area'),
    [
        (square, 1200.0),
        (lambda space: space.add_lwpolyline(SQUARE, close=True), 1200.0),
        (lambda space: space.add_lwpolyline([*SQUARE, SQUARE[0]]), 1200.0),
        (lambda space: space.add_polyline2d(SQUARE, close=True), 1200.0),
        (half_discs, 100 * np.pi),
        (lambda space: space.add_circle((3, 4), 10), 100 * np.pi),
        (lambda space: space.add_ellipse((0, 0), (20, 0), 0.5), 200 * np.pi),
        (rounded, 200 + 25 * np.pi),
        (in_a_block, 1200.0),
    ],
)
def test_every_way_to_draw_an_outline(read, draw, area):
    (outline,) = read(draw)
    assert polygon_area(outline) == pytest.approx(area, rel=3e-4)


def test_holes_run_the_other_way_round(read):
    def draw(space):
        square(space)
        space.add_circle((10, 10), 3)
        space.add_circle((25, 10), 2)

    assert [round(polygon_area(loop), 1) for loop in read(draw)] == [1200.0, -28.3, -12.6]


@pytest.mark.parametrize(('units', 'factor'), [(1, 25.4), (4, 1.0), (5, 10.0), (6, 1000.0)])
def test_the_units_header_is_honoured(read, units, factor):
    (outline,) = read(square, units)
    np.testing.assert_allclose(np.ptp(outline, axis=0), [40 * factor, 30 * factor])


def test_units_are_asked_for_where_the_header_tells_none(read):
    with pytest.raises(ConfigurationError, match='has no unit') as caught:
        read(square, 0)
    assert '--units' in caught.value.remedy
    (outline,) = read(square, 0, unit='in')
    np.testing.assert_allclose(np.ptp(outline, axis=0), [1016.0, 762.0])
    with pytest.raises(ConfigurationError, match='its unit is mm, not in'):
        read(square, 4, unit='in')
    with pytest.raises(ConfigurationError, match='INSUNITS 3 is none of'):
        read(square, 3)


def open_square(space):
    for a, b in (((0, 0), (40, 0)), ((40, 0.5), (40, 30)), ((40, 30), (0, 30)), ((0, 30), (0, 0))):
        space.add_line(a, b)


@pytest.mark.parametrize(
    ('draw', 'message'),
    [
        (lambda space: None, 'no lines in model space'),
        (lambda space: space.add_text('part'), 'no lines in model space'),
        (lambda space: space.add_line((0, 0), (5, 0)), r'open at 2 ends: \(0.0000, 0.0000\), with no other curve'),
        (open_square, r'open at 2 ends: \(40.0000, 0.0000\), 0.5 from the next end at \(40.0000, 0.5000\)'),
        (lambda space: (square(space), square(space)), r'4 curves meet at \(0.0000, 0.0000\): one is drawn twice'),
        (lambda space: (square(space), square(space, shift=100.0)), r'a loop at \(100.0000, 0.0000\) lies beside'),
        (lambda s: (square(s), s.add_circle((20, 15), 9), s.add_circle((20, 15), 3)), 'lies within a hole'),
        (
            lambda s: s.add_lwpolyline([(0, 0), (40, 30), (40, 0), (0, 30)], close=True),
            r'from \(0.0000, 0.0000\) to \(40.0000, 30.0000\) crosses',
        ),
        (lambda s: (square(s), s.add_circle((1, 15), 5)), 'crosses another one'),
        (
            lambda s: (square(s), s.add_circle((15, 15), 5), s.add_circle((9, 15), 5)),
            'crosses another one|within a hole',
        ),
    ],
)
def test_what_is_no_outline_of_one_part(read, draw, message):
    with pytest.raises(ConfigurationError, match=message) as caught:
        read(draw)
    assert caught.value.remedy


def test_a_layer_chooses(read):
    def draw(space):
        square(space, 'OUTLINE')
        space.add_line((5, -5), (5, 35), dxfattribs={'layer': 'BENDS'})

    with pytest.raises(ConfigurationError, match=r'layers: BENDS \(1 lines\), OUTLINE \(4 lines\).*open at 2 ends'):
        read(draw)
    assert len(read(draw, layer='outline')) == 1
    with pytest.raises(ConfigurationError, match='no lines on layer CUT') as caught:
        read(draw, layer='CUT')
    assert 'OUTLINE (4 lines)' in caught.value.remedy


@pytest.mark.parametrize('content', [None, b'', b'hello', b'  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n'])
def test_what_is_no_drawing(tmp_path, content):
    if content is not None:
        (tmp_path / 'part.dxf').write_bytes(content)
    with pytest.raises(ConfigurationError, match='part.dxf'):
        read_dxf(tmp_path / 'part.dxf', 2.0)


def test_the_template_is_the_picture_of_the_part(read):
    """Against the simulator's drawing of the same part; the drawing has no bends."""
    part, _ = random_part(np.random.default_rng(4), 0.3)

    def draw(space):
        for curve in (part.outline, *part.cutouts):
            space.add_lwpolyline(curve.vertices, format='xyb', close=True)

    pixels, cover, origin = draw_outline(read(draw), 2.0, 178, 20)
    assert cover.sum() / 255 / 4 == pytest.approx(part.area_mm2, rel=1e-4)
    drawn = draw_part(part, 0.0, origin, pixels.shape[::-1], 2.0, 20, np.random.default_rng(0))
    at_edges = (cover > 0) & (cover < 255)
    assert np.abs(drawn.astype(int) - pixels)[at_edges].max() <= 40  # a bend crosses the edge
    assert np.median(np.abs(drawn.astype(int) - pixels)[at_edges]) <= 1
    assert (pixels[0, 0], pixels.max()) == (20, 178)


@pytest.mark.parametrize('px_per_mm', [0.05, 200.0])
def test_a_template_of_no_sensible_size(read, px_per_mm):
    with pytest.raises(ConfigurationError, match='The part is 40 x 30 mm') as caught:
        draw_outline(read(square), px_per_mm, 178, 0)
    assert '--px-per-mm' in caught.value.remedy


def test_a_part_far_from_the_origin_of_its_drawing(read):
    outline = read(lambda space: square(space, shift=1e6))
    with pytest.raises(ConfigurationError, match=r'The part lies around \(1e\+06, 0\) mm, too far') as caught:
        draw_outline(outline, 2.0, 178, 0)
    assert 'frame' in caught.value.remedy
