"""Every shipped model is what its card says, and its page is made of the card."""

import hashlib

import pytest

from weld_cell.models.card import read_card
from weld_cell.models.card_files import card_markdown
from weld_cell.models.loader import cards_in
from weld_cell.paths import model_file

CARDS = cards_in(model_file(''))


def test_every_weight_file_has_a_card():
    weights = {path.name for pattern in ('*.npz', '*.onnx') for path in model_file('').glob(pattern)}
    assert weights and weights == {read_card(path).weights.file for path in CARDS}


@pytest.mark.parametrize('path', CARDS, ids=lambda path: path.stem)
def test_the_page_is_made_of_the_card(path):
    assert path.with_suffix('.md').read_text(encoding='utf-8') == card_markdown(read_card(path))


@pytest.mark.parametrize('path', CARDS, ids=lambda path: path.stem)
def test_the_checksum_is_that_of_the_shipped_file(path):
    card = read_card(path)
    content = (path.parent / card.weights.file).read_bytes()
    assert (card.name, card.weights.bytes) == (path.stem, len(content))
    assert card.weights.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize('path', CARDS, ids=lambda path: path.stem)
def test_scores_are_those_of_the_tables(path):
    card = read_card(path)
    right = {t.on: sum(row[i] for i, row in enumerate(t.counts)) for t in card.confusions}
    for score in card.scores:
        if score.on in right:
            assert score.value == pytest.approx(100 * right[score.on] / score.samples)
