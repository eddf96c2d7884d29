"""The job of each bag: what a worker needs, and the key of its results."""

import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from weld_cell.errors import ConfigurationError, ModelError
from weld_cell.farm.software import Software
from weld_cell.models.card import card_path
from weld_cell.parameter_file import load_parameter_file
from weld_cell.replays.request import ReplayRequest

RIG_FILE, SETTINGS_FILE = 'rig.yaml', 'settings.yaml'


@dataclass(frozen=True)
class Job:
    """What is done with each bag.

    Attributes:
        request: As of a single replay; its folders and files are the client's.
        rig: Content of the rig file.
        settings: Content of the parameter file.
        models: Name and SHA-256 of each model file that request or settings name, and of its card.
        software: Of the client.
    """

    request: ReplayRequest
    rig: bytes
    settings: bytes
    models: tuple[tuple[str, str], ...]
    software: Software

    @cached_property
    def key(self) -> str:
        """SHA-256 of all that the results follow from, but the bag."""
        asked = {name: value for name, value in asdict(self.request).items() if name not in _PLACES}
        told = [asked, self.rig_sha256, self.settings_sha256, self.models, asdict(self.software)]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def rig_sha256(self) -> str:
        """Of the rig file."""
        return sha256(self.rig).hexdigest()

    @property
    def settings_sha256(self) -> str:
        """Of the parameter file."""
        return sha256(self.settings).hexdigest()

    @property
    def models_sha256(self) -> str:
        """Of the shipped models and of those that are named."""
        return sha256(json.dumps([self.models, self.software.models]).encode()).hexdigest()

    def at(self, out: Path, files: Path) -> ReplayRequest:
        """The request on a worker: rig and settings are written to a folder there."""
        for name, content in ((RIG_FILE, self.rig), (SETTINGS_FILE, self.settings)):
            (files / name).write_bytes(content)
        return replace(self.request, out=out, rig=files / RIG_FILE, settings=files / SETTINGS_FILE, quiet=True)


_PLACES = ('out', 'rig', 'settings', 'quiet')


def make_job(request: ReplayRequest, software: Software) -> Job:
    """Read what the request names.

    Raises:
        ConfigurationError: rig or settings cannot be read.
        ModelError: a model file that they name cannot be read.
    """
    named = [Path(name) for name in (request.model, request.bank) if name]
    named += _model_files(request.settings)
    if request.model:
        request = replace(request, model=str(Path(request.model).absolute()))
    return Job(request, _content(request.rig), _content(request.settings), _hashes(named), software)


def _model_files(settings: Path) -> list[Path]:
    """Files that the settings name."""
    values = [value for section in load_parameter_file(str(settings)).values() for value in section.values()]
    words = {value for value in values if isinstance(value, str) and value.endswith(('.npz', '.onnx'))}
    return [Path(word) for word in sorted(words) if Path(word).is_file()]


def _hashes(files: list[Path]) -> tuple[tuple[str, str], ...]:
    beside = [card for file in files if file.suffix and (card := card_path(file)).is_file()]
    return tuple((file.name, _sha256(file)) for file in [*files, *beside] if file.suffix)


def _sha256(file: Path) -> str:
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f'{file}: cannot be read ({error.strerror}).', 'Check the path.') from error


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f'{file}: cannot be read ({error.strerror}).', 'Check the path.') from error
