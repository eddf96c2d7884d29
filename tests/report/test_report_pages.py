"""The pages for people: whole, self-contained, and whatever a name holds stays text."""

import json
import re
import shlex
from html.parser import HTMLParser

import numpy as np
import pytest
from replayed import replayed

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import CalibrationError, ConfigurationError, StripeError
from weld_cell.evaluation.joint_type_report import page_values
from weld_cell.evaluation.labelled_stripes import LabelledImage
from weld_cell.evaluation.measurements import MEASUREMENTS
from weld_cell.evaluation.output import EvaluationOutput
from weld_cell.evaluation.trials import JointTypeFigures
from weld_cell.paths import config_file
from weld_cell.records import CameraImage, JointType, StripeProfile
from weld_cell.report.filled_weld import FilledWeld
from weld_cell.report.page import Picture, write_page
from weld_cell.report.replay_page import shown_images, write_replay_page
from weld_cell.report.run_figures import SECTIONS, SPANS, WORDS, figure_sections
from weld_cell.report.run_page import stage_rows, write_run_page
from weld_cell.report.run_record import RunFacts, RunRecord
from weld_cell.report.run_summary import RunTruth, summarise
from weld_cell.report.run_truth import MovingSeam
from weld_cell.stations.scanned_image import ScannedImage
from weld_cell.traceability.record import FillRecord, TrackingRecord
from weld_cell.trajectory.robot_model import load_robot

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'> 50 % #1?.png"
NO_IMAGES = {'doubts': [], 'told': True, 'found': True, 'path': '10 mm', 'failures': [], 'images': 0}
VOID = {'meta', 'img'}


class Page(HTMLParser):
    """Elements, attributes and text of a page; fails where elements are not closed in order."""

    def __init__(self, folder):
        super().__init__()
        self.open, self.elements, self.links, self.words = [], [], [], []
        self.source = (folder / 'index.html').read_text()
        self.feed(self.source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.links += [value for name, value in attributes if name in ('src', 'href')]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return ' '.join(' '.join(self.words).split())

    def assert_harmless(self):
        assert {'script', 'link', 'iframe'}.isdisjoint(tag for tag, _ in self.elements)
        assert not any(name.startswith('on') for _, attributes in self.elements for name in attributes)
        assert not any(re.match(r'[a-z]+:|//', link) for link in self.links)  # nothing is fetched from elsewhere
        assert 'url(' not in self.source and '@import' not in self.source


def test_a_page_without_pictures(tmp_path):
    write_page(tmp_path / 'made', 'replay.html.j2', heading='No type.', pictures=[], **NO_IMAGES)
    page = Page(tmp_path / 'made')
    page.assert_harmless()
    assert 'Replay Joint type No type. Seam path 10 mm Images' in page.text and page.links == []
    assert 'prefers-color-scheme: dark' in page.source


def test_a_hostile_file_name_is_a_file_name(tmp_path):
    write_page(tmp_path, 'replay.html.j2', heading=HOSTILE, pictures=[Picture(HOSTILE, HOSTILE)], **NO_IMAGES)
    page = Page(tmp_path)
    page.assert_harmless()
    assert page.text.count(HOSTILE) == 2
    assert [attributes['alt'] for tag, attributes in page.elements if tag == 'img'] == [HOSTILE]
    assert len(page.links) == 2 and not set('<>"\'#? ') & set(page.links[0])


def test_the_page_of_a_replay(tmp_path):
    pixels = np.zeros((32, 40), np.uint8)
    error = StripeError(f'No stripe in {HOSTILE}', 'Look at it.')
    result = replayed([ScannedImage(7, error=error)], error, error)
    no_camera = CalibrationError('None was published.', 'Record camera_info.')
    write_replay_page(result, [RecordedImage(CameraImage(pixels, 7, 0), 'laser', no_camera)], tmp_path)
    page = Page(tmp_path)
    page.assert_harmless()
    assert f'0: StripeError: No stripe in {HOSTILE}' in page.text
    assert {'class': 'bad'} in [attributes for tag, attributes in page.elements if tag == 'p']
    assert (tmp_path / page.links[0]).stat().st_size > 50


def test_of_a_long_recording_some_images_of_the_scan_are_drawn(tmp_path, capsys):
    error = StripeError('No stripe.', 'Look.')
    profile = StripeProfile(np.arange(9.0), np.full(9, 5.0), np.full(9, 200.0), np.zeros(9, bool), (40, 32))
    images = [ScannedImage(n, n, profile=profile if 300 <= n < 700 else None, error=error) for n in range(1000)]
    result = replayed(images, error, error)
    assert len(shown_images(result, 0)) == 1000 and len(shown_images(result, 2000)) == 1000
    chosen = list(shown_images(result, 5))
    assert chosen == [300, 400, 500, 599, 699]
    recording = [
        RecordedImage(CameraImage(np.zeros((32, 40), np.uint8), n, n), 'laser', CalibrationError('None.', 'Record.'))
        for n in range(1000)
    ]
    write_replay_page(result, recording, tmp_path, 5, quiet=False)
    assert [int(path.stem) for path in sorted((tmp_path / 'overlays').glob('*.png'))] == chosen
    told = capsys.readouterr().err
    assert f'overlays of 5 of 1000 images, about 0.0 MB: {tmp_path / "overlays"}' in told and '5/5' in told
    assert 'Overlays of 5 of them' in Page(tmp_path).text


@pytest.fixture(scope='module')
def cell():
    robot = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
    return robot, load_rig(str(config_file('rig.yaml')))


def test_no_page_without_a_record(tmp_path, cell):
    with pytest.raises(ConfigurationError, match='no record'):
        write_run_page(tmp_path, None, *cell)


def test_the_page_of_a_run_that_saw_nothing(tmp_path, cell):
    RunRecord(RunFacts(source='real', stages=[(1.5, 'fault', HOSTILE)], images=12)).save(tmp_path)
    summary = write_run_page(tmp_path, None, *cell)
    assert json.loads((tmp_path / 'summary.json').read_text()) == summary
    page = Page(tmp_path)
    page.assert_harmless()
    assert f'Run: real The run ended in stage fault. {HOSTILE} Weld motion not followed to its end What' in page.text
    assert 'while the seam was followed 12' in page.text and f'fault 1.5 {HOSTILE}' in page.text
    assert page.links == ['summary.json']


def test_every_figure_of_a_run_is_told_in_words():
    told = {(figure.path or figure.name).partition('.')[0] for each in SECTIONS for figure in each.figures}
    moving = MovingSeam(lambda _: np.linspace([1.0, 0.0, 0.0], [1.1, 0.0, 0.0], 5), 0.0, 0.03)
    robot = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
    seen = dict.fromkeys(('seams', 'refused', 'length_mm', 'straightness_mm', 'gap_mm', 'gap_least_mm'), 1.0)
    seen |= dict.fromkeys(('gap_most_mm', 'seen_share', 'scatter_mm', 'confidence'), 1.0)
    still = np.zeros((3, 7))
    still[:, 0] = np.arange(3)
    line = np.linspace([1.0, 0.0, 0.0], [1.1, 0.0, 0.0], 3)
    record = RunRecord(
        RunFacts(part='A-L', plate_seam=seen, weld_window_s=(0.0, 2.0), travel_speed_mm_s=8.0),
        T_base_part=np.eye(4),
        plate_path=line,
        trajectory=np.hstack([still, np.zeros((3, 6))]),
        joint_states=still,
    )
    truth = RunTruth('lap', line, 'A-L', np.eye(4), line, 1.0, moving)
    fill = FillRecord(*[(1.0, 2.0, 3.0)] * 6, 1)
    filled = FilledWeld(fill, np.arange(3.0), np.ones(3), np.ones(3), {})
    tracking = TrackingRecord((), (), (), 0.0, 0.0, 0, 0, 0, fill=fill)
    summary = summarise(record, truth, robot, np.eye(4), tracking, filled)
    assert set(summary) - told - set(WORDS) - set(SPANS) == set() and len(summary) > 40


def test_the_stages_of_a_run_are_condensed():
    stages = [(0.5, 'track', ''), (1.0, 'track', '5 of about 126 mm'), (2.0, 'track', '12.5 of about 126 mm')]
    stages += [(3.0, 'track', 'scanned again'), (4.5, 'weld', '15 of 15 s'), (6.0, 'track', '')]
    rows = stage_rows(RunFacts(stages=stages))
    assert [(row.stage, row.begun_s, row.lasted_s) for row in rows] == [
        ('track', 0.5, 4.0),
        ('weld', 4.5, 1.5),
        ('track', 6.0, None),
    ]
    assert rows[0].notes == ('12.5 of about 126 mm', 'scanned again') and rows[2].notes == ()
    assert stage_rows(RunFacts()) == []  # interrupted before one was heard of


def test_figures_of_a_run_stand_beside_their_aims():
    summary = {'images': 0, 'images_lost': 0, 'seam_max_mm': 0.4, 'latency_ms': {'p50': 3.0, 'p99': None}}
    (seam, (own,)), (_, (latency,)) = figure_sections(summary)
    assert (seam, own.written, own.figure.written_aim, own.verdict) == (
        'Seam against the truth',
        '0.400 mm',
        'at most 0.3 mm',
        'missed',
    )
    assert latency.written == '3.00 ms'


def test_the_page_of_images_told_wrongly(tmp_path):
    image = LabelledImage(HOSTILE, JointType.LAP, 0, lambda: np.zeros((32, 32), np.uint8))
    figures = JointTypeFigures({}, {'ours': np.array([0.5])}, (HOSTILE,), lambda: [image])
    command = shlex.join(['weld_cell', 'evaluate', 'joint-type', '--images', HOSTILE])
    found = EvaluationOutput.of(command, {'accuracy': 0.5, 'ms_per_image': 0.5})
    found.write_page(tmp_path / 'page', 'evaluation_joint_type.html.j2', **page_values(figures, tmp_path / 'page'))
    page = Page(tmp_path / 'page')
    page.assert_harmless()
    assert page.text.count(HOSTILE) == 1 and command in page.text and set(page.links) == {'wrong_00.png'}
    assert (tmp_path / 'page' / 'wrong_00.png').stat().st_size > 50
    assert 'joint type right, your own images 50.0 %' in page.text and 'ours 0.500 ms' in page.text


@pytest.mark.parametrize('measurement', MEASUREMENTS, ids=lambda own: own.name)
def test_every_measurement_has_a_page_by_its_declaration_alone(tmp_path, measurement):
    content = {}
    for figure in measurement.figures:
        for path, value in ((figure.path or figure.name, 1e3), (figure.total_path, 2e3)):
            inner = content
            *folders, last = path.replace('*', 'one').split('.')
            for key in folders:
                inner = inner.setdefault(key, {})
            inner[last] = value
    EvaluationOutput.of(measurement.command, content).write_page(tmp_path)
    page = Page(tmp_path)
    page.assert_harmless()
    assert measurement.heading in page.text and measurement.command in page.text
    for figure in measurement.figures:
        assert ' '.join(f'{figure.what} {figure.written_aim}'.split()) in page.text
    missed = [figure for figure in measurement.figures if figure.written_aim.startswith('at most')]  # all are great
    assert page.text.count(' missed ') == len(missed) == page.source.count('<td class="bad">missed</td>')


def test_the_json_of_an_evaluation_has_its_figures(tmp_path):
    content = {'rms_mm_straight': 0.0538, 'rms_mm_curved': None, 'fitted': 5, 'total': 6}
    EvaluationOutput.of('weld_cell evaluate seam --scenes 40 --seed 2000 --json x', content).write_json(
        tmp_path / 'made' / 'a.json'
    )
    written = json.loads((tmp_path / 'made' / 'a.json').read_text())
    assert written | content == written and written['paper'] == {'rms_mm_straight': 0.2, 'rms_mm_curved': 0.3}
    straight, fitted = written['figures']
    assert (straight['name'], straight['value'], straight['unit']) == ('rms_mm_straight', 0.0538, 'mm')
    assert (straight['aim'], straight['reached']) == ('at most 0.05 mm', False)
    assert straight['command'] == 'weld_cell evaluate seam --scenes 40 --seed 2000'
    assert (fitted['value'], fitted['reached']) == (5, None)
