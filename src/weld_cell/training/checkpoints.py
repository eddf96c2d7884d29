"""Checkpoints: one file, written atomically, read without pickle."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from weld_cell.errors import TrainingError
from weld_cell.models.files import write_atomically

CHECKPOINT = 'checkpoint.pt'
LOG = 'log.jsonl'
CHECKPOINT_VERSION = 1
_ANEW = 'Begin anew: without --resume.'


def save_checkpoint(path: Path, identity: dict[str, Any], state: dict[str, Any]) -> None:
    """Write a checkpoint.

    Args:
        path: The file.
        identity: What must be the same when the training goes on.
        state: Tensors, numbers, texts, and dicts and lists of these.

    Raises:
        ModelError: the file cannot be written.
    """
    content = {'version': CHECKPOINT_VERSION, 'identity': identity, 'state': state}
    write_atomically(path, lambda stream: torch.save(content, stream))


def load_checkpoint(path: Path, identity: dict[str, Any]) -> dict[str, Any]:
    """The state of a training.

    Args:
        path: The file.
        identity: Of the training that is to go on.

    Raises:
        TrainingError: missing, damaged, of another version, or of another training; names what differs.
    """
    content = _read(path)
    found, state = content['identity'], content['state']
    differences = [
        f'{name} was {found.get(name)!r}, now {identity.get(name)!r}'
        for name in sorted(identity.keys() | found.keys())
        if found.get(name) != identity.get(name)
    ]
    if differences:
        raise TrainingError(
            f'{path}: a checkpoint of another training: {"; ".join(differences)}.',
            'Ask for the same as then, or begin anew: without --resume.',
        )
    return dict(state)


def trained_weights(folder: Path) -> dict[str, Tensor]:
    """The weights that a training has come to, for another one to begin with: the best, the average, or the last.

    Args:
        folder: Of the training, with its checkpoint.

    Raises:
        TrainingError: there is no checkpoint, it is damaged, or of another version.
    """
    state = _read(folder / CHECKPOINT)['state']
    averaged = {name.removeprefix('module.'): tensor for name, tensor in state['average'].items()}
    averaged.pop('n_averaged', None)
    return dict(state['best_weights'] or averaged or state['network'])


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise TrainingError(f'{path}: there is no checkpoint to continue from.', _ANEW)
    try:
        content = dict(torch.load(path, map_location='cpu', weights_only=True))
        version, _, _ = content['version'], content['identity'], content['state']
    except Exception as error:  # torch raises what its many formats raise
        raise TrainingError(f'{path}: not a checkpoint ({error}).', _ANEW) from error
    if version != CHECKPOINT_VERSION:
        raise TrainingError(f'{path}: a checkpoint of version {version}, expected {CHECKPOINT_VERSION}.', _ANEW)
    return content


def random_states() -> dict[str, Any]:
    """Those of torch's own generators, on all devices."""
    return {'cpu': torch.get_rng_state(), 'cuda': torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []}


def restore_random_states(states: dict[str, Any]) -> None:
    """Go on with the random numbers where they stood; on other devices than then, with others."""
    torch.set_rng_state(states['cpu'])
    if len(states['cuda']) == torch.cuda.device_count():
        for number, state in enumerate(states['cuda']):
            torch.cuda.set_rng_state(state, number)
