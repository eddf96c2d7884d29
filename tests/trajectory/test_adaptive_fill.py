"""The table of adaptive fill, and what it chooses along a seam: between the rows, never beyond, without steps."""

from pathlib import Path

import numpy as np
import pytest
from trajectory_paths import PROCEDURES

from weld_cell.errors import ConfigurationError, GapOutOfTableError, GapUnknownError
from weld_cell.trajectory.adaptive_fill import load_fill_tables
from weld_cell.trajectory.fill_course import FillCourse
from weld_cell.trajectory.procedures import load_procedures

SHIPPED = Path(PROCEDURES).read_text(encoding='utf-8')
BY_GAP = """
  adaptive_fill:
  - {gap_mm: 0.0, travel_speed_mm_s: 10.0, wire_feed_m_min: 5.0}
  - {gap_mm: 1.0, travel_speed_mm_s: 8.0, wire_feed_m_min: 6.0, weave_width_mm: 1.0}
  - {gap_mm: 2.0, travel_speed_mm_s: 4.0, wire_feed_m_min: 7.0, weave_width_mm: 2.0}
"""
BY_BOTH = """
  adaptive_fill:
  - {gap_mm: 0.0, mismatch_mm: 0.0, travel_speed_mm_s: 10.0, wire_feed_m_min: 5.0}
  - {gap_mm: 0.0, mismatch_mm: 1.0, travel_speed_mm_s: 8.0, wire_feed_m_min: 5.0}
  - {gap_mm: 2.0, mismatch_mm: 0.0, travel_speed_mm_s: 6.0, wire_feed_m_min: 7.0}
  - {gap_mm: 2.0, mismatch_mm: 1.0, travel_speed_mm_s: 4.0, wire_feed_m_min: 7.0}
"""


@pytest.fixture
def written(tmp_path):
    """Factory: the shipped procedures, of which only plate, the last one, has a table."""

    def write(table):
        path = tmp_path / 'weld_procedures.yaml'
        lines = [line for line in SHIPPED.splitlines() if 'adaptive_fill' not in line and 'gap_mm' not in line]
        path.write_text('\n'.join(lines) + table, encoding='utf-8')
        return str(path)

    return write


@pytest.fixture
def table(written):
    return load_fill_tables(written(BY_GAP))['plate']


def row_at(table, gap_mm, mismatch_mm=0.0):
    return table.at(np.array([30.0]), np.array([gap_mm]), np.array([mismatch_mm]))[0]


def test_a_procedure_without_a_table_is_as_before(written):
    assert load_fill_tables(written('')) == {} and load_procedures(written(''))['plate'].travel_speed_mm_s == 10.0


def test_what_ships_is_tables_for_butt_and_v_about_their_travel_speeds(procedures):
    tables = load_fill_tables(PROCEDURES)
    assert sorted(tables) == ['butt', 'v']
    for name, table in tables.items():
        speeds = table.values[..., 0]
        assert speeds.min() <= procedures[name].travel_speed_mm_s <= speeds.max()
        assert (np.diff(speeds[:, 0]) <= 0.0).all()  # a wider gap takes more metal
        assert table.slowest_mm_s == speeds.min()


def test_values_lie_between_the_rows(table):
    np.testing.assert_allclose(row_at(table, 1.0), [8.0, 6.0, 1.0])
    np.testing.assert_allclose(row_at(table, 1.5), [6.0, 6.5, 1.5])
    np.testing.assert_allclose(row_at(table, 0.5, 9.0), [9.0, 5.5, 0.5])  # the mismatch is not asked for


def test_a_mismatch_counts_to_either_side(written):
    table = load_fill_tables(written(BY_BOTH))['plate']
    np.testing.assert_allclose(row_at(table, 1.0, 0.5), [7.0, 6.0, 0.0])
    np.testing.assert_allclose(row_at(table, 1.0, -0.5), [7.0, 6.0, 0.0])
    with pytest.raises(GapOutOfTableError, match=r'30 mm along the seam the mismatch is 1.20 mm; .* from 0 to 1 mm'):
        row_at(table, 1.0, -1.2)


@pytest.mark.parametrize('gap_mm', [-0.1, 2.1])
def test_nothing_is_guessed_beyond_the_table(table, gap_mm):
    with pytest.raises(GapOutOfTableError, match=rf'root gap is {gap_mm:.2f} mm; .* "plate" holds from 0 to 2 mm'):
        row_at(table, gap_mm)


SPOILT = [
    ('one row', lambda text: text.split('  - {gap_mm: 1')[0], 'at least two different values of gap_mm'),
    ('no rows', lambda text: '\n  adaptive_fill: 3\n', r'line \d+: "plate.adaptive_fill": expected a list'),
    ('falling', lambda text: text.replace('gap_mm: 1.0', 'gap_mm: 2.5'), 'ascending gap_mm'),
    ('twice', lambda text: text.replace('gap_mm: 1.0', 'gap_mm: 2.0'), 'ascending gap_mm'),
    (
        'too fast',
        lambda text: text.replace('speed_mm_s: 8.0', 'speed_mm_s: 80.0'),
        r'\[1\].travel_speed_mm_s": ',
    ),
    (
        'not finite',
        lambda text: text.replace('feed_m_min: 6.0', 'feed_m_min: .nan'),
        r'\[1\].wire_feed_m_min": ',
    ),
    ('missing', lambda text: text.replace(', wire_feed_m_min: 6.0', ''), 'key "wire_feed_m_min" is missing'),
    ('unknown', lambda text: text.replace('weave_width_mm: 2.0', 'weave_mm: 2.0'), r'weave_mm": unknown key'),
    ('half', lambda text: text.replace('gap_mm: 1.0,', 'gap_mm: 1.0, mismatch_mm: 0.5,'), 'mismatch_mm in every row'),
]


@pytest.mark.parametrize(('spoil', 'message'), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_spoilt_table_is_refused_by_line_and_key(written, spoil, message):
    path = written(spoil(BY_GAP))
    for load in (load_fill_tables, load_procedures):
        with pytest.raises(ConfigurationError, match=message) as caught:
            load(path)
        assert path in caught.value.message


def test_a_grid_with_a_hole_is_refused(written):
    with pytest.raises(ConfigurationError, match='one row for every mismatch_mm'):
        load_fill_tables(written(BY_BOTH.replace('gap_mm: 2.0, mismatch_mm: 1.0', 'gap_mm: 2.0, mismatch_mm: 2.0')))


def measured(gap_mm, until_mm=100.0, from_mm=0.0):
    along = np.arange(from_mm, until_mm, 0.5)
    gaps = np.broadcast_to(gap_mm(along) if callable(gap_mm) else gap_mm, along.shape)
    return np.column_stack([along, gaps, np.zeros(len(along))])


def course(table, scanned, acceleration=4.0):
    return FillCourse(table, 100.0, 10.0, acceleration, scanned)


def test_the_scan_chooses_until_there_are_measurements(table):
    fill = course(table, measured(1.0))
    place = fill.at(50.0)
    assert (place.gap_mm, place.travel_speed_mm_s, place.wire_feed_m_min, place.measured) == (1.0, 8.0, 6.0, False)
    fill.take(measured(0.0, from_mm=30.0, until_mm=60.0))
    fill.advance(30.0)
    np.testing.assert_allclose(fill.speeds_mm_s(np.array([20.0, 51.0])), [8.0, 10.0])
    assert fill.at(52.0).measured and not fill.at(20.0).measured and fill.at(90.0).gap_mm == 1.0
    assert [place.along_mm for place in fill.chosen(9.0)] == [0.0, 4.0, 8.0]


def test_spatter_and_a_single_shadow_change_nothing(table):
    fill, rows = course(table, measured(1.0)), measured(1.0)
    rows[::4, 1] = 8.0
    rows[60:68, 1] = 0.0
    fill.take(rows)
    fill.advance(0.0)
    np.testing.assert_allclose(fill.speeds_mm_s(np.arange(0.0, 100.0)), 8.0)


def test_a_step_of_the_gap_changes_the_speed_within_its_acceleration(table):
    fill = course(table, measured(lambda along: np.where(along < 40.0, 0.0, 2.0)))
    along = np.linspace(0.0, 100.0, 20001)
    speeds = fill.speeds_mm_s(along)
    assert speeds[0] == 10.0 and speeds[-1] == 4.0
    assert np.abs(speeds * np.gradient(speeds, along)).max() < 4.0
    assert np.abs(np.diff(speeds)).max() < 0.01


def test_what_the_tool_has_reached_no_longer_changes(table):
    fill = course(table, measured(1.0))
    fill.advance(40.0)
    before = fill.speeds_mm_s(np.linspace(0.0, 44.0, 100))
    fill.take(measured(2.0))
    fill.advance(41.0)
    np.testing.assert_allclose(fill.speeds_mm_s(np.linspace(0.0, 44.0, 100)), before)
    assert fill.speeds_mm_s(np.array([90.0]))[0] == 4.0


def test_a_gap_beyond_the_table_is_refused_in_the_scan_and_on_the_way(table):
    with pytest.raises(GapOutOfTableError, match='root gap is 3.00 mm'):
        course(table, measured(3.0))
    fill = course(table, measured(1.0))
    fill.take(measured(lambda along: np.where(along < 60.0, 1.0, 2.2)))
    with pytest.raises(GapOutOfTableError, match='60 mm along the seam the root gap is 2.20 mm'):
        fill.advance(30.0)


def test_without_any_gap_nothing_is_chosen(table):
    with pytest.raises(GapUnknownError, match='No image of the scan'):
        course(table, np.empty((0, 3)))


def test_a_law_of_the_place_agrees_with_the_speeds_and_keeps_the_past(table):
    fill = course(table, measured(lambda along: 0.02 * along))
    planned_s, along_mm = np.array([2.0, 12.0]), np.array([0.0, 100.0])
    law = fill.law(planned_s, along_mm, 10.0)
    ends_s = law.when(12.0)
    times = np.linspace(2.01, ends_s - 0.01, 4000)
    along = np.interp(law.at(times), planned_s, along_mm)
    np.testing.assert_allclose(np.gradient(along, times)[1:-1], fill.speeds_mm_s(along)[1:-1], rtol=2e-3)
    assert law.when(1.0) == 1.0 and law.when(15.0) == pytest.approx(ends_s + 3.0) and ends_s > 13.0
    assert law.at(np.array([law.when(7.3)]))[0] == pytest.approx(7.3, abs=1e-4)
    fill.advance(40.0)
    fill.take(measured(0.5))
    fill.advance(41.0)
    changed, until = fill.law(planned_s, along_mm, 10.0), law.when(6.0)
    past = np.linspace(0.0, until, 50)
    np.testing.assert_allclose(changed.at(past), law.at(past), atol=1e-12)
    assert changed.when(12.0) < ends_s
