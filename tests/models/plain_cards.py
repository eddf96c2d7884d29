"""Cards for the models that tests write."""

from dataclasses import replace

from weld_cell.models.card import ModelCard, Score, WeightFile
from weld_cell.models.card_files import write_card


def plain_card(path, kind):
    """A card of few words, for a weight file that is there and is opened as a kind."""
    return ModelCard(
        name=path.stem,
        title='A model',
        summary='It tells nothing.',
        kind=kind.name,
        version=kind.version,
        date='2026-01-02',
        data='nothing',
        seeds=(1,),
        split='none',
        method=('By hand',),
        training_s=None,
        command=kind.command,
        scores=(Score('told rightly', 'nothing', 50.0, '%', 2),),
        confusions=(),
        limits=('It has seen nothing.',),
        weights=WeightFile.of(path),
        inputs=kind.inputs,
        outputs=kind.outputs,
    )


def write_plain_card(path, kind, /, **changes):
    """Write such a card beside the weights, with some of its fields changed."""
    card = replace(plain_card(path, kind), **changes)
    write_card(card, path.parent)
    return card
