"""What a weld was made with: the hashes are those of the files, and what was not told is not known."""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from weld_records import weld_record

import weld_cell
from weld_cell.calibration.record import CalibrationRecord
from weld_cell.errors import ConfigurationError
from weld_cell.models.loader import find_model
from weld_cell.paths import config_file
from weld_cell.traceability.provenance import calibration_in_use, software_in_use
from weld_cell.traceability.record import QualityRecord, Quantity, hand_of
from weld_cell.traceability.settings import RecordSettings


def test_a_rig_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match='cannot be read'):
        calibration_in_use(str(tmp_path / 'rig.yaml'))


def test_the_calibration_in_use():
    rig = config_file('rig.yaml')
    found = calibration_in_use(str(rig))
    assert (found.date, found.sha256) == ('2026-11-20', sha256(rig.read_bytes()).hexdigest())
    assert [each.value for each in found.residuals] == [0.0] * 6  # the shipped rig is nominal
    assert {each.unit for each in found.residuals} == {'mm', 'px'}


def test_the_calibration_of_the_tool_is_in_use_too(tmp_path):
    text = config_file('rig.yaml').read_text()
    block = CalibrationRecord(date(2026, 11, 28), 'pointing at one place', 0.21, 'mm', 6, (1e-4,) * 3, 'e' * 64)
    turn = '  rpy_deg: [0.0, 0.0, 0.0]\n'
    rows = ''.join(f'    {name}: {json.dumps(value)}\n' for name, value in block.rows().items())
    rig = tmp_path / 'rig.yaml'
    rig.write_text(text.replace(turn, f'{turn}  calibration:\n{rows}', 1))
    assert calibration_in_use(str(rig)).residuals[0] == Quantity('tool: tip of the wire', 0.21, 'mm')


def test_the_software_in_use():
    found = software_in_use()
    assert found.version == weld_cell.__version__
    assert {each.name: each.version for each in found.libraries}['numpy'] == np.__version__
    (stripe_net,) = [model for model in found.models if model.name == 'stripe_net']
    assert stripe_net.sha256 == sha256(find_model('stripe_net').read_bytes()).hexdigest()
    total, folder = sha256(), Path(weld_cell.__file__).parent
    for path in sorted(folder.rglob('*.py')):
        total.update(str(path.relative_to(folder)).encode() + b'\0' + path.read_bytes())
    assert found.source_sha256 == total.hexdigest()


def test_what_the_settings_do_not_tell_is_not_known():
    assert RecordSettings().quality == QualityRecord()
    told = RecordSettings(wps='WPS 12', thickness_mm=3.0, examiner='A. Meier').quality
    assert (told.wps, told.thickness_mm, told.examiner, told.gas) == ('WPS 12', 3.0, 'A. Meier', None)


@pytest.mark.parametrize(('code', 'hand'), [('', None), ('A', None), ('A-R', 'right'), ('A-L', 'left'), ('R', None)])
def test_a_hand_is_told_by_the_code_alone(code, hand):
    assert hand_of(code) == hand


def test_the_verdict_is_that_of_the_worst_spot_weld():
    from weld_records import spots

    assert weld_record().verdict == 'uninspected'
    for verdicts, worst in (
        (('good',), 'good'),
        (('good', 'doubtful'), 'doubtful'),
        (('defective', 'good'), 'defective'),
    ):
        assert replace(weld_record(), spot_welds=spots(*verdicts)).verdict == worst
