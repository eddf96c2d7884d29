"""The report, the card and the picture of a training."""

import cv2
import numpy as np

from weld_cell.joint_type.evaluation import Evaluation
from weld_cell.joint_type.model import save_model
from weld_cell.joint_type.report import Provenance, confusion_text, draw_confusion, model_card, report_text
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.joint_type.training import train
from weld_cell.models.card_files import card_markdown
from weld_cell.records import JointType

TYPES = (JointType.LAP, JointType.BUTT)


def test_confusion_as_text_has_a_row_a_type():
    lines = confusion_text(TYPES, np.array([[7, 1], [0, 8]])).splitlines()
    assert [line.split() for line in lines] == [['lap', 'butt'], ['lap', '7', '1'], ['butt', '0', '8']]


def test_report_and_card_tell_the_scores(monkeypatch, tmp_path):
    monkeypatch.setattr('weld_cell.joint_type.training.LOG2_C', (3,))
    monkeypatch.setattr('weld_cell.joint_type.training.LOG2_GAMMA', (-3,))
    rng = np.random.default_rng(1)
    features = np.vstack([rng.normal(0, 1, (10, 7)), rng.normal(9, 1, (10, 7))])
    settings = JointTypeSettings(feature_set='paper')
    model, report = train(features, [*['lap'] * 10, *['butt'] * 10], None, settings, seed=1, jobs=1)
    tests = {'held out': Evaluation(TYPES, np.array([[6, 1], [0, 2]]), (3,), refused=1)}
    assert 'held out: 80.00% of 10 images, 1 of them without a stripe' in report_text(report, tests)
    save_model(model, tmp_path / 'clouds.npz')
    made = Provenance('2026-01-02', 'ten clouds', 1, 'by cloud', 'weld_cell train joint-type', ('No rain.',), 90.0)
    card = model_card(tmp_path / 'clouds.npz', model, report, tests, made)
    assert (card.name, card.main_score.value, card.main_score.samples) == ('clouds', 80.0, 10)
    assert [table.on for table in card.confusions] == ['training images, cross-validated', 'held out']
    assert card.confusions[1].counts == ((6, 1), (0, 2))
    page = card_markdown(card)
    for told in (
        '2026-01-02',
        'ten clouds',
        'C = 2^3',
        '| held out | 10 | told rightly | 80 % |',
        'No rain.',
        '1.5 min',
    ):
        assert told in page


def test_the_picture_can_be_read(tmp_path):
    draw_confusion(tmp_path / 'c.png', TYPES, np.array([[7, 1], [0, 0]]), 'two types, one without images')
    assert cv2.imread(str(tmp_path / 'c.png')).shape[0] > 300
