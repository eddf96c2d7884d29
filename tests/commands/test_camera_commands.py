"""`weld_cell camera ...` against Aravis's simulated camera."""

import json
import re
import threading

import cv2
import numpy as np
import pytest
from gige_peer import ADDRESS, needs_peer

from weld_cell.cli import main
from weld_cell.commands.camera_options import features_of

pytest.importorskip('telegenic', reason='telegenicam is not installed (pip install telegenicam)')
pytestmark = needs_peer
SMALL = ['--rate', '50', '--set', 'Width=320', '--set', 'Height=240']


def told(capsys, *words):
    """Exit code, what stands on standard output, and on standard error."""
    code = main(['camera', *words])
    return code, *capsys.readouterr()


def test_no_camera_is_told_with_the_networks(peer, capsys):
    code, _, error = told(capsys, 'list', '--timeout', '0.1')
    assert code == 1 and '127.0.0.1/8 (lo)' in error and 'Remedy' in error
    assert told(capsys, 'list', '--timeout', '0.1', '--json')[:2] == (1, '[]\n')


def test_list_show_grab_and_stream(peer, capsys, tmp_path):
    peer.start('CMD1')
    code, out, _ = told(capsys, 'list')
    assert code == 0 and re.search(rf'{ADDRESS} +Aravis Fake +CMD1 .* free', out)

    code, out, _ = told(capsys, 'show', 'CMD1', '--match', 'exposure')
    assert code == 0 and re.search(r'ExposureTimeAbs +10000 +RW +10 to 1e\+07', out) and 'Register' not in out
    features = json.loads(told(capsys, 'show', '--json')[1])['features']
    assert {
        'name': 'GainRaw',
        'kind': 'integer',
        'access': 'RW',
        'value': 0,
        'low': 0,
        'high': 10,
        'increment': 1,
    } in (features)

    code, out, _ = told(capsys, 'grab', 'CMD1', *SMALL, '--count', '3', '--out', str(tmp_path), '--json')
    images = json.loads(out)
    pixels = [cv2.imread(image['file'], cv2.IMREAD_UNCHANGED) for image in images]
    y, x = np.mgrid[:240, :320]
    assert code == 0 and sorted(tmp_path.iterdir()) == sorted(tmp_path / f'{i["stamp_ns"]}.png' for i in images)
    for one in pixels:
        np.testing.assert_array_equal(one, (x + y + one[0, 0]) % 255)

    raw = ['grab', 'CMD1', *SMALL, '--set', 'PixelFormat=Mono16', '--raw', '--out', str(tmp_path / 'raw')]
    assert cv2.imread(told(capsys, *raw)[1].strip(), cv2.IMREAD_UNCHANGED).dtype == np.uint16

    code, out, error = told(capsys, 'stream', 'CMD1', *SMALL, '--seconds', '1.5', '--json')
    summary = json.loads(out)
    assert code == 0 and 'images/s, jitter' in error
    assert 20 < summary['rate_hz'] < 60 and summary['images_incomplete'] == 0


def test_a_stream_that_loses_packets_ends_with_3(peer, capsys):
    peer.start(lost_per_thousand=20)
    code, out, _ = told(capsys, 'stream', ADDRESS, *SMALL, '--set', 'GevSCPSPacketSize=1500', '--seconds', '1')
    assert code == 3 and re.search(r'images incomplete [1-9]', out) and re.search(r'packets missing [1-9]', out)


def test_a_stream_whose_camera_goes_is_summed_up(peer, capsys):
    peer.start()
    threading.Timer(3.0, peer.kill).start()
    code, out, error = told(capsys, 'stream', ADDRESS, *SMALL, '--json')
    assert code == 1 and 'no longer answers' in error
    assert json.loads(out)['images'] > 0


@pytest.mark.parametrize(
    ('words', 'error'),
    [
        (['stream', '--rate', '1e9'], 'expected 0.1 to 500 Hz, got 1e9'),
        (['stream', '--rate', '0'], 'expected 0.1 to 500 Hz, got 0'),
        (['stream', '--seconds', '-1'], 'expected more than 0 s, got -1'),
        (['stream', '--seconds', 'nan'], "expected a number, got 'nan'"),
        (['grab', '--timeout', '0'], 'expected more than 0 s, got 0'),
        (['list', '--timeout', '0'], 'expected more than 0 s, got 0'),
    ],
)
def test_numbers_that_cannot_be_are_wrong_usage(capsys, words, error):
    with pytest.raises(SystemExit) as ended:
        main(['camera', *words])
    assert ended.value.code == 2 and error in capsys.readouterr().err


def test_what_a_camera_has_not_is_told(peer, capsys, tmp_path):
    code, _, error = told(capsys, 'show')
    assert code == 1 and 'No GigE Vision camera answers' in error
    peer.start('CMD2')
    grab = ['grab', '--out', str(tmp_path), '--set']
    code, _, error = told(capsys, *grab, 'Exposure=8000')
    assert code == 1 and re.search(r'no feature Exposure\. Remedy: Alike are [^.]*ExposureTimeAbs', error)
    code, _, error = told(capsys, *grab, 'Foo=1')
    assert code == 1 and error.endswith('no feature Foo. Remedy: weld_cell camera show lists all of them.\n')
    code, out, error = told(capsys, 'show', '--match', 'Zzz')
    assert code == 1 and out == '' and "no feature with 'Zzz' in its name" in error


def test_features_are_read_from_words():
    assert features_of(['A=1', 'B=2.5', 'C=true', 'D=Off']) == {'A': 1, 'B': 2.5, 'C': True, 'D': 'Off'}
    with pytest.raises(ValueError, match='NAME=VALUE'):
        features_of(['Gain'])
