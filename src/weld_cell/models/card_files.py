"""The two files of a model card: JSON, and Markdown rendered from it."""

from pathlib import Path

from weld_cell.models.card import ModelCard, card_json
from weld_cell.models.files import write_atomically
from weld_cell.templating import render


def card_markdown(card: ModelCard) -> str:
    """A card as a page for people."""
    return render('model_card.md.j2', card=card)


def write_card(card: ModelCard, folder: Path) -> tuple[Path, Path]:
    """Write a card beside the weights that it names.

    Args:
        card: Its files are named after the weight file.
        folder: Of the weight file.

    Returns:
        The JSON and the Markdown file.

    Raises:
        ModelError: a file cannot be written.
    """
    paths = tuple((folder / card.weights.file).with_suffix(suffix) for suffix in ('.json', '.md'))
    for path, text in zip(paths, (card_json(card), card_markdown(card)), strict=True):
        content = text.encode()
        write_atomically(path, lambda stream, content=content: stream.write(content))  # type: ignore[misc]
    return paths[0], paths[1]
