"""What is declared of a figure, and what follows from it: value, verdict, words, the measurement of a command."""

import pytest

from weld_cell.evaluation.figures import Figure, Measurement, Unit, at_least, at_most, measured, measurement_of

SHARE = Unit('%', 1, 100)


def measurement(*figures, command='weld_cell evaluate rust', **others):
    return Measurement('rust', 'Rust', command, 'On wet days.', figures, publisher='by a chemist', **others)


def one(figure, content):
    (found,) = measured(measurement(figure), content)
    return found


RIGHT = Figure('right', 'rust told', 'By eye.', SHARE, aim=at_least(99.5), paper=98.4)


@pytest.mark.parametrize('figures', [(), (RIGHT, RIGHT)])
def test_a_measurement_has_figures_of_different_names(figures):
    with pytest.raises(ValueError, match='different names'):
        measurement(*figures)


def test_a_published_value_has_a_publisher():
    with pytest.raises(ValueError, match='publisher'):
        Measurement('rust', 'Rust', 'weld_cell evaluate rust', 'On wet days.', (RIGHT,))


@pytest.mark.parametrize('content', [{}, {'right': None}, {'left': 1.0}])
def test_what_was_not_measured_is_left_out(content):
    assert measured(measurement(RIGHT), content) == ()


@pytest.mark.parametrize(
    ('aim', 'value', 'verdict'),
    [
        (None, 0.7, ''),
        (at_least(99.5), 0.995, 'reached'),
        (at_least(99.5), 0.9949, 'missed'),
        (at_most(99.5), 0.995, 'reached'),
        (at_most(99.5), 0.9951, 'missed'),
    ],
)
def test_the_verdict(aim, value, verdict):
    assert one(Figure('right', 'rust told', 'By eye.', SHARE, aim=aim), {'right': value}).verdict == verdict


def test_the_words_of_a_share():
    found = one(RIGHT, {'right': 0.99867})
    assert found.written == '99.9 %'
    assert found.figure.written_aim == 'at least 99.5 %'
    assert found.figure.written_paper == '98.4 %'
    assert found.as_dict() == {
        'name': 'right',
        'value': 99.867,
        'unit': '%',
        'aim': 'at least 99.5 %',
        'reached': True,
        'command': 'weld_cell evaluate rust',
    }
    assert found.measurement.paper() == {'right': 0.984}


def test_a_count_of_a_total_without_an_aim():
    found = one(
        Figure('fitted', 'paths fitted', 'Counted.', total_path='all.total'), {'fitted': 5, 'all': {'total': 6}}
    )
    assert (found.written, found.reached, found.as_dict()['aim']) == ('5 of 6', None, None)


def test_of_several_values_the_worst_counts():
    content = {'nodes': {'a': {'mb': 3.0}, 'b': {'mb': 9.0}, 'c': {}, 'd': {'mb': None}}}
    assert one(Figure('mb', 'memory', 'Weighed.', path='nodes.*.mb'), content).value == 9.0
    assert one(Figure('mb', 'memory', 'Weighed.', path='nodes.*.mb', aim=at_most(5)), content).value == 9.0
    assert one(Figure('mb', 'memory', 'Weighed.', path='nodes.*.mb', aim=at_least(5)), content).value == 3.0


DECLARED = (
    measurement(RIGHT, command='python other.py', label='other'),
    measurement(RIGHT, label='few'),
    measurement(RIGHT, command='weld_cell evaluate rust --scenes 40 --seed 2', label='many'),
)


@pytest.mark.parametrize('command', ['', 'weld_cell evaluate', 'weld_cell evaluate dust'])
def test_a_command_without_a_measurement(command):
    with pytest.raises(ValueError, match='a measurement is declared of'):
        measurement_of(command, DECLARED)


@pytest.mark.parametrize(
    ('command', 'label'),
    [
        ('weld_cell evaluate rust', 'few'),
        ('weld_cell evaluate rust --json out/a.json --report=out', 'few'),
        ('weld_cell evaluate rust --seed 2 --json x --scenes=40', 'many'),
    ],
)
def test_a_declared_command(command, label):
    found = measurement_of(command, DECLARED)
    assert (found.label, found.conditions, found.figures) == (label, 'On wet days.', (RIGHT,))


def test_other_conditions_have_no_aim():
    found = measurement_of("weld_cell evaluate rust --seed 3 --json x --types 'a b' c", DECLARED)
    assert found.command == "weld_cell evaluate rust --seed 3 --types 'a b' c"
    assert (found.label, found.conditions) == ('', '')
    (own,) = measured(found, {'right': 0.2})
    assert (own.what, own.verdict, own.figure.written_paper) == ('rust told', '', '98.4 %')
