"""A trained network, run by ONNX Runtime without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from weld_cell.errors import ModelError
from weld_cell.models.card import TensorSignature
from weld_cell.models.loader import ModelKind, check_model, require_signature

if TYPE_CHECKING:
    import onnxruntime

_DTYPES = {
    'tensor(float)': 'float32',
    'tensor(float16)': 'float16',
    'tensor(double)': 'float64',
    'tensor(uint8)': 'uint8',
    'tensor(int32)': 'int32',
    'tensor(int64)': 'int64',
    'tensor(bool)': 'bool',
}


class Network:
    """A network that is what its card says.

    Args:
        path: The ONNX file; its card lies beside it.
        kind: What the caller can use.
        threads: Of one run; little work is slower in two.

    Attributes:
        card: Its card.

    Raises:
        ModelError: missing, damaged, of another kind or version, or with other inputs or outputs than its card says.
    """

    def __init__(self, path: Path, kind: ModelKind, threads: int = 1) -> None:
        checked = check_model(path, kind)
        self.card = checked.card
        try:
            self._session = open_session(checked.content, threads)
        except Exception as error:  # ONNX Runtime raises a dozen kinds, which have nothing else in common
            raise ModelError(f'{path}: not a network ({error}).', kind.remedy) from error
        inputs, outputs = session_signature(self._session)
        require_signature(self.card.inputs, inputs, f'{path}: inputs', kind.remedy)
        require_signature(self.card.outputs, outputs, f'{path}: outputs', kind.remedy)

    def run(self, **inputs: NDArray[Any]) -> Sequence[NDArray[Any]]:
        """The outputs, in the order of the card, for the inputs by name."""
        answers: Sequence[NDArray[Any]] = self._session.run(None, inputs)
        return answers


def open_session(content: bytes, threads: int = 1) -> 'onnxruntime.InferenceSession':
    """A session of ONNX Runtime on the processor; it logs nothing.

    Args:
        content: Of an ONNX file.
        threads: Of one run.

    Raises:
        ValueError: fewer than one thread.
        Exception: one of ONNX Runtime's, where the content is no network.
    """
    if threads < 1:
        raise ValueError(f'threads: expected at least 1, got {threads}')
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # what is wrong with a file is in the exception
    return onnxruntime.InferenceSession(content, options, providers=['CPUExecutionProvider'])


def session_signature(
    session: 'onnxruntime.InferenceSession',
) -> tuple[tuple[TensorSignature, ...], tuple[TensorSignature, ...]]:
    """Inputs and outputs as the network itself declares them."""
    inputs, outputs = (
        tuple(
            TensorSignature(
                node.name, tuple(n if isinstance(n, int) else str(n) for n in node.shape), _dtype(node.type)
            )
            for node in nodes
        )
        for nodes in (session.get_inputs(), session.get_outputs())
    )
    return inputs, outputs


def _dtype(name: str) -> str:
    return _DTYPES.get(name, name)
