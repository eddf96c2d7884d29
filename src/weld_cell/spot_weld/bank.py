"""The feature bank: vectors of good welds, their statistics, and the file format."""

import hashlib
import io
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from weld_cell.errors import FeatureBankError, ModelError
from weld_cell.models.card import TensorSignature
from weld_cell.models.files import read_bytes, write_atomically
from weld_cell.models.loader import ModelKind
from weld_cell.spot_weld.describe import Whitening
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.judgement import GoodLook
from weld_cell.spot_weld.profile import ProfileBank
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import BankSettings
from weld_cell.spot_weld.threshold import Thresholds

FORMAT = 1
_REMEDY = 'Build the bank again: weld_cell spot-weld bank FOLDER.'
SPOT_WELD_BANK = ModelKind(
    'spot_weld_bank',
    FORMAT,
    'weld_cell spot-weld bank',
    (TensorSignature('crops', ('n', 'grid', 'grid'), 'float32', 'grey values about each weld'),),
    (
        TensorSignature('maps', ('n', 'rows', 'columns'), 'float64', '1 is the threshold of a defective place'),
        TensorSignature('scores', ('n',), 'float64', '1 is the threshold of a defective weld'),
    ),
)
_ARRAYS = ('vectors', 'mean', 'matrix', 'profiles', 'deviation')


@dataclass(frozen=True, eq=False)
class FeatureBank:
    """What good welds look like.

    Attributes:
        good: Vectors and profiles of good welds.
        features: Version of the features.
        settings: How welds are looked at.
        thresholds: From good welds alone.
        least_sharpness: A blurrier weld is not judged.
        welds: Good ones of which it was made.
        diameters_px: The least and the greatest that these had in their images; None: not known.

    Raises:
        FeatureBankError: no vectors.
    """

    good: GoodLook
    features: str
    settings: BankSettings
    thresholds: Thresholds
    least_sharpness: float
    welds: int
    diameters_px: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not len(self.good.vectors):
            raise FeatureBankError('The bank of good welds is empty.', _REMEDY)

    def require(self, features: Features) -> None:
        """Refuse features that are not those of the bank.

        Raises:
            FeatureBankError: they are of another version.
        """
        if features.version != self.features:
            raise FeatureBankError(
                f'The bank was made with features {self.features}; features {features.version} are set.',
                f'Set the features that it was made with. {_REMEDY}',
            )

    def save(self, path: Path) -> None:
        """Write it as ``.npz``: arrays, and a header as JSON with their checksum."""
        arrays = _arrays(self.good)
        header = {'format': FORMAT, 'features': self.features, 'settings': asdict(self.settings)}
        header |= {'thresholds': asdict(self.thresholds), 'least_sharpness': self.least_sharpness}
        header |= {'welds': self.welds, 'diameters_px': self.diameters_px}
        header |= {'sha256': _checksum(header, arrays)}
        content = io.BytesIO()
        text = np.frombuffer(json.dumps(header).encode(), np.uint8)
        np.savez(content, allow_pickle=False, header=text, **arrays)
        write_atomically(path, lambda stream: stream.write(content.getvalue()))


def load_bank(path: Path) -> FeatureBank:
    """Read a bank and check it.

    Raises:
        FeatureBankError: missing, damaged, of another format, or empty.
    """
    try:
        content = read_bytes(path, _REMEDY)
    except ModelError as error:
        raise FeatureBankError(error.message, error.remedy) from error
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
            header = json.loads(bytes(stored['header']).decode())
        return _checked(path, header, arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise FeatureBankError(f'{path}: damaged, or not a bank of good welds.', _REMEDY) from error


def _checked(path: Path, header: dict[str, Any], arrays: dict[str, Float32Array]) -> FeatureBank:
    if header['format'] != FORMAT:
        raise FeatureBankError(f'{path}: a bank of format {header["format"]}, expected {FORMAT}.', _REMEDY)
    told = header.pop('sha256')
    if _checksum(header, arrays) != told:
        raise FeatureBankError(f'{path}: damaged: its checksum is not that of its content.', _REMEDY)
    return FeatureBank(
        _good_look(arrays),
        header['features'],
        BankSettings(**header['settings']),
        Thresholds(**header['thresholds']),
        float(header['least_sharpness']),
        int(header['welds']),
        tuple(header['diameters_px']) if header.get('diameters_px') else None,
    )


def _arrays(good: GoodLook) -> dict[str, Float32Array]:
    profiles = good.profiles or ProfileBank(np.empty((0, 0, 0), np.float32), np.empty((0, 0), np.float32))
    return {
        'vectors': good.vectors,
        'mean': good.whitening.mean,
        'matrix': good.whitening.matrix,
        'profiles': profiles.profiles,
        'deviation': profiles.deviation,
    }


def _good_look(arrays: dict[str, Float32Array]) -> GoodLook:
    profiles = ProfileBank(arrays['profiles'], arrays['deviation']) if len(arrays['profiles']) else None
    return GoodLook(arrays['vectors'], Whitening(arrays['mean'], arrays['matrix']), profiles)


def _checksum(header: dict[str, Any], arrays: dict[str, Float32Array]) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in _ARRAYS:
        digest.update(f'{name} {arrays[name].dtype} {arrays[name].shape}'.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()
