"""Settings as ROS parameters: declared with range and meaning, checked at start, changed while running."""

from dataclasses import dataclass, fields

import pytest
from rclpy.parameter import Parameter

from weld_cell.config import Settings, bounded, choice, numbers, switch, text
from weld_cell.errors import ConfigurationError
from weld_cell.ros.parameters import SettingsParameters, declare, declare_rig


@dataclass(frozen=True)
class Example(Settings):
    gain: float = bounded(0.5, 0.0, 1.0, 'mm', 'how strong')
    rows: int = bounded(5, 1, 9, 'rows', 'how many')
    method: str = choice('ridge', ('ridge', 'paper'), 'which way')
    file: str = text('', 'where')
    loop: bool = switch(False, 'again')
    start_m: tuple[float, ...] = numbers((0.0, 0.0, 1.0), 'm', 'from where')


def test_defaults_without_any_override(make_node):
    assert SettingsParameters(make_node(), 'example', Example()).settings == Example()


def test_every_field_is_declared_with_its_meaning(make_node):
    node = make_node()
    SettingsParameters(node, 'example', Example(), live=True)
    for field in fields(Example):
        descriptor = node.describe_parameter(f'example.{field.name}')
        assert field.metadata['doc'] in descriptor.description and not descriptor.read_only
    gain = node.describe_parameter('example.gain')
    assert '[mm]' in gain.description
    assert (gain.floating_point_range[0].from_value, gain.floating_point_range[0].to_value) == (0.0, 1.0)
    assert 'ridge, paper' in node.describe_parameter('example.method').additional_constraints


def test_overrides_reach_the_settings(make_node):
    node = make_node(example__gain=0.25, example__rows=3, example__method='paper', example__start_m=[1.0, 2.0, 3.0])
    settings = SettingsParameters(node, 'example', Example()).settings
    assert settings == Example(gain=0.25, rows=3, method='paper', start_m=(1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('gain', ''),
        ('gain', 1),
        ('gain', 1.5),
        ('rows', 0),
        ('rows', 2.0),
        ('method', 'best'),
        ('loop', 'yes'),
        ('start_m', [1.0]),
    ],
)
def test_a_wrong_override_names_the_parameter_and_the_remedy(make_node, name, value):
    node = make_node(**{f'example__{name}': value})
    with pytest.raises(ConfigurationError, match=f'example.{name}') as caught:
        SettingsParameters(node, 'example', Example())
    assert caught.value.remedy


def test_live_parameters_change_the_settings(make_node):
    node = make_node()
    group = SettingsParameters(node, 'example', Example(), live=True)
    other = SettingsParameters(node, 'other', Example(), live=True)
    results = node.set_parameters([Parameter('example.gain', value=0.75), Parameter('example.method', value='paper')])
    assert all(result.successful for result in results)
    assert group.settings == Example(gain=0.75, method='paper') and other.settings == Example()


@pytest.mark.parametrize(('name', 'value'), [('gain', 2.0), ('method', 'best'), ('start_m', [1.0]), ('rows', 'x')])
def test_a_wrong_change_is_refused_with_the_reason(make_node, name, value):
    node = make_node()
    group = SettingsParameters(node, 'example', Example(), live=True)
    (result,) = node.set_parameters([Parameter(f'example.{name}', value=value)])
    assert not result.successful and result.reason
    assert group.settings == Example()


def test_what_is_not_live_is_read_only(make_node):
    node = make_node()
    SettingsParameters(node, 'example', Example())
    (result,) = node.set_parameters([Parameter('example.gain', value=0.75)])
    assert not result.successful


def test_declare_refuses_the_wrong_type(make_node):
    assert declare(make_node('one'), 'rig_file', '', 'the rig') == ''
    with pytest.raises(ConfigurationError, match='rig_file'):
        declare(make_node('two', rig_file=3), 'rig_file', '', 'the rig')


def test_a_cell_that_tracks_its_welds_has_another_rig_unless_one_is_named(make_node):
    assert declare_rig(make_node('plain')).endswith('/rig.yaml')
    assert declare_rig(make_node('tracks', track=True)).endswith('/rig_tracking.yaml')
    assert declare_rig(make_node('named', track=True, rig_file='mine.yaml')) == 'mine.yaml'
