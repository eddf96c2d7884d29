"""Settings of the laser chain out of a ROS parameter file."""

import pytest

from weld_cell.errors import ConfigurationError
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.paths import config_file
from weld_cell.settings import PipelineSettings, load_settings


@pytest.fixture
def load(tmp_path):
    """Settings from a text."""
    path = tmp_path / 'cell.yaml'

    def from_text(text):
        path.write_text(text)
        return load_settings(path)

    return from_text


def test_the_shipped_file():
    settings = load_settings(config_file('cell.yaml'))
    assert (settings.stripe.method, settings.stripe.laser_colour) == ('ridge', 'red')
    assert settings.joint_type.vote_images == 40
    assert settings.path.spacing_mm == 2.0


@pytest.mark.parametrize(
    'text',
    [
        'a: {ros__parameters: {b: 1}}',
        '/**: {ros__parameters: {}}',
        '/**/laser_sensor: {ros__parameters: {device.x: 1}}',
    ],
)
def test_what_is_not_named_keeps_its_default(load, text):
    assert load(text) == PipelineSettings()


@pytest.mark.parametrize(
    'text',
    [
        '/**: {ros__parameters: {joint_type: {vote_images: 7}}}',
        '/**: {ros__parameters: {joint_type.vote_images: 7}}',
        '/seam_detector: {ros__parameters: {joint_type.vote_images: 7}}',
        '/**: {ros__parameters: {joint_type.vote_images: 5}}\n'
        'seam_detector: {ros__parameters: {joint_type.vote_images: 7}}',
    ],
)
def test_nested_dotted_and_by_node(load, text):
    assert load(text) == PipelineSettings(joint_type=JointTypeSettings(vote_images=7))


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('', 'expected a mapping'),
        ('/**: {stripe: 1}', 'line 1: section "/.." has no mapping ros__parameters'),
        ('a: 1', 'line 1: section "a" has no mapping'),
        ('/**:\n\tros__parameters: {}', 'line 2 malformed YAML'),
        ('/**: {ros__parameters: {stripe: {', 'malformed YAML'),
        ('/**: {ros__parameters: {path.spaceing_mm: 2.0}}', 'path: line 1: unknown key "spaceing_mm"'),
        ('/**: {ros__parameters: {path.spacing_mm: wide}}', 'path: line 1: spacing_mm: expected float'),
        ('/**: {ros__parameters: {joint_type.vote_images: 0}}', 'joint_type: line 1: vote_images: expected'),
        ('/**:\n  ros__parameters:\n    stripe: {method: magic}', 'stripe: line 3: method: expected one of'),
    ],
)
def test_refused_with_file_and_key(load, tmp_path, text, said):
    with pytest.raises(ConfigurationError, match=said) as refused:
        load(text)
    assert str(tmp_path / 'cell.yaml') in str(refused.value)


@pytest.mark.parametrize(('value', 'what'), [('[]', 'list'), ('{}', 'mapping')])
def test_an_empty_value_is_named_by_its_line(tmp_path, value, what):
    """ROS 2 takes `rig_file: []` for a parameter that is not set: the installed file would be read without a word."""
    file = tmp_path / 'cell.yaml'
    file.write_text(f'/**:\n  ros__parameters:\n    stripe: {{method: ridge}}\n    rig_file: {value}\n')
    with pytest.raises(ConfigurationError, match=f'line 4: rig_file: an empty {what}') as told:
        load_settings(file)
    assert 'leave the line out' in str(told.value)
