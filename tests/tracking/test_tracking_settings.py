"""docs/tracking.md against the settings."""

from dataclasses import fields
from pathlib import Path

import pytest

from weld_cell.tracking import TrackingSettings

PAGE = Path(__file__).parents[2] / 'docs' / 'tracking.md'


@pytest.mark.parametrize('setting', fields(TrackingSettings), ids=lambda setting: setting.name)
def test_the_page_has_every_setting_with_its_default(setting):
    unit = setting.metadata['unit']
    default = f'{setting.default:g} {unit}' if unit else {False: 'off', True: 'on'}[setting.default]
    assert f'| `{setting.name}` | {default} |' in PAGE.read_text(encoding='utf-8')
