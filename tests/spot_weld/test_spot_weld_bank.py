"""The bank: built, kept, read again, refused."""

import json

import numpy as np
import pytest
from spot_weld_pictures import SETTINGS, crops, good, sheet

from weld_cell.errors import FeatureBankError
from weld_cell.spot_weld.bank import FeatureBank, load_bank
from weld_cell.spot_weld.building import GoodWelds, build_bank, turned
from weld_cell.spot_weld.describe import Places
from weld_cell.spot_weld.features import ClassicalFeatures
from weld_cell.spot_weld.judgement import compare
from weld_cell.spot_weld.patchcore import plain_patchcore

FEATURES = ClassicalFeatures()


@pytest.fixture(scope='module')
def bank():
    return build_bank(good(16), FEATURES, SETTINGS, np.random.default_rng(0))


def test_too_few_welds_are_refused():
    with pytest.raises(FeatureBankError, match='0 good welds are too few'):
        GoodWelds(np.empty((0, 32, 32), np.float32), (), np.empty(0))


def test_an_empty_bank_is_refused(bank):
    empty = type(bank.good)(bank.good.vectors[:0], bank.good.whitening, bank.good.profiles)
    with pytest.raises(FeatureBankError, match='empty'):
        FeatureBank(empty, bank.features, bank.settings, bank.thresholds, 0.0, 0)


def test_other_features_are_refused(bank):
    other = type('Other', (), {'version': 'other-2'})()
    with pytest.raises(FeatureBankError, match='made with features classical-1; features other-2'):
        bank.require(other)


def test_a_bad_photo_among_the_good_ones_is_named():
    welds = good(16)
    welds.crops[5] = sheet((32, 32), 9)
    with pytest.raises(FeatureBankError, match=r'photo_5\.png') as refused:
        build_bank(welds, FEATURES, SETTINGS, np.random.default_rng(0))
    assert 'photo_4' not in refused.value.message
    build_bank(welds, FEATURES, SETTINGS, np.random.default_rng(0), accept_odd=True)


def test_other_good_welds_are_good_and_bad_ones_are_not(bank):
    bad = crops(3, 5)
    bad[0, 12:20, 12:20] = 20.0  # burnt through
    bad[1] = sheet((32, 32), 4)  # no weld at all
    bad[2, 14:16, 4:28] = 10.0  # a crack
    found = compare(Places.of(np.concatenate([crops(20, 77), bad]), FEATURES), SETTINGS, bank.good)
    scores = found.scores(bank.thresholds)
    assert (scores[:20] < 1.0).sum() >= 19
    assert (scores[20:] > 1.3).all()


def test_the_map_says_where(bank):
    bad = crops(1, 5)
    bad[0, 14:18, 20:24] = 20.0
    found = compare(Places.of(bad, FEATURES), SETTINGS, bank.good).maps(bank.thresholds)[0]
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert abs(2 * row + 0.5 - 15.5) <= 3 and abs(2 * column + 0.5 - 21.5) <= 3


def test_plain_patchcore_makes_the_same_maps(bank):
    welds = crops(3, 8)
    ours = compare(Places.of(welds, FEATURES), SETTINGS, bank.good)
    plain = plain_patchcore(welds, FEATURES, bank)
    np.testing.assert_allclose(plain.maps(bank.thresholds), ours.maps(bank.thresholds), rtol=1e-5)
    np.testing.assert_allclose(plain.scores(bank.thresholds), ours.scores(bank.thresholds), rtol=1e-5)


def test_the_score_does_not_change_as_a_weld_is_turned(bank):
    weld = crops(1, 6)
    weld[0, 14:18, 20:24] = 60.0
    scores = compare(Places.of(turned(weld, 4), FEATURES), SETTINGS, bank.good).scores(bank.thresholds)
    np.testing.assert_allclose(scores, scores[0], rtol=0.05)


def test_kept_and_read_again(bank, tmp_path):
    bank.save(tmp_path / 'bank.npz')
    again = load_bank(tmp_path / 'bank.npz')
    np.testing.assert_array_equal(again.good.vectors, bank.good.vectors)
    np.testing.assert_array_equal(again.good.profiles.profiles, bank.good.profiles.profiles)
    assert (again.thresholds, again.settings, again.features) == (bank.thresholds, bank.settings, bank.features)


def test_a_missing_bank_is_named(tmp_path):
    with pytest.raises(FeatureBankError, match=r'nowhere\.npz'):
        load_bank(tmp_path / 'nowhere.npz')


@pytest.mark.parametrize('content', [b'', b'PK\x03\x04 cut', b'no bank'])
def test_what_is_no_bank_is_refused(content, tmp_path):
    (tmp_path / 'bank.npz').write_bytes(content)
    with pytest.raises(FeatureBankError, match='bank'):
        load_bank(tmp_path / 'bank.npz')


def changed(path, **arrays):
    with np.load(path) as stored:
        np.savez(path, **({name: stored[name] for name in stored.files} | arrays))


def test_a_changed_vector_is_noticed(bank, tmp_path):
    path = tmp_path / 'bank.npz'
    bank.save(path)
    changed(path, vectors=bank.good.vectors + np.float32(1e-3))
    with pytest.raises(FeatureBankError, match='checksum'):
        load_bank(path)


def test_a_bank_of_another_format_is_refused(bank, tmp_path):
    path = tmp_path / 'bank.npz'
    bank.save(path)
    with np.load(path) as stored:
        header = json.loads(bytes(stored['header']).decode()) | {'format': 99}
    changed(path, header=np.frombuffer(json.dumps(header).encode(), np.uint8))
    with pytest.raises(FeatureBankError, match='format 99, expected 1'):
        load_bank(path)
