"""Export of a network to ONNX, with a parity check of ONNX Runtime against torch."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from weld_cell.errors import TrainingError
from weld_cell.models.files import write_atomically
from weld_cell.models.loader import ModelKind
from weld_cell.models.network import open_session

Inputs = Mapping[str, Tensor]
"""Tensors by the names of the network's arguments."""


def export_onnx(
    network: nn.Module,
    path: Path,
    example: Inputs,
    outputs: Sequence[str],
    free: Mapping[str, Sequence[int]],
    checks: Sequence[Inputs],
    tolerance: float,
) -> float:
    """Write a network as ONNX, after ONNX Runtime has given the same answers.

    Args:
        network: Returns a tensor or a tuple of tensors; on the CPU.
        path: The file; it is not written where the answers differ.
        example: What the network is traced with.
        outputs: Names of what it returns.
        free: By input, the axes whose length may differ from the example's; it is 2 at least in the example.
        checks: Inputs on which the answers are compared, of other lengths on the free axes too.
        tolerance: Greatest difference that is let pass, see `parity`.

    Returns:
        The greatest difference.

    Raises:
        ValueError: nothing to compare on, or a free axis of length 0 or 1, which would be taken for fixed.
        TrainingError: the answers differ by more, or ONNX Runtime cannot run the network.
    """
    if not checks:
        raise ValueError('checks: expected inputs to compare on, got none')
    for name, axes in free.items():
        for axis in axes:
            if example[name].shape[axis] < 2:
                raise ValueError(f'{name}: axis {axis} is free; its length in the example must be 2 at least')
    content = _traced(network, example, outputs, free)
    difference = parity(network, content, checks)
    if not difference <= tolerance:
        raise TrainingError(
            f'ONNX Runtime and torch differ by {difference:.3g}, more than {tolerance:g}; {path} was not written.',
            'Replace the operation that the export renders differently, or state a greater tolerance and why.',
        )
    write_atomically(path, lambda stream: stream.write(content))
    return difference


def _traced(network: nn.Module, example: Inputs, outputs: Sequence[str], free: Mapping[str, Sequence[int]]) -> bytes:
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)  # it misses torchvision, of which nothing is used
    dims = {name: {axis: torch.export.Dim.AUTO for axis in free.get(name, ())} for name in example}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # torch's own use of what it has deprecated
        program = torch.onnx.export(
            network.eval(),
            kwargs=dict(example),
            input_names=list(example),
            output_names=list(outputs),
            dynamic_shapes=dims,
            dynamo=True,
            verbose=False,
        )
    assert program is not None, 'the newer exporter gives a program'
    for node in program.model.graph:
        node.metadata_props.clear()  # where each line of this file lay when it was traced
    return bytes(program.model_proto.SerializeToString())


def export_of_kind(
    network: nn.Module, path: Path, kind: ModelKind, checks: Sequence[Tensor], tolerance: float
) -> float:
    """As `export_onnx`, for a network with the one input of a kind: names and free axes are those of the kind.

    Args:
        network: Gives the kind's outputs; on the CPU.
        path: The file.
        kind: What the program opens.
        checks: Inputs on which the answers are compared; one like the first is traced.
        tolerance: See `export_onnx`.

    Returns:
        The greatest difference.

    Raises:
        ValueError, TrainingError: as `export_onnx`.
    """
    (given,) = kind.inputs
    free = [axis for axis, length in enumerate(given.shape) if isinstance(length, str)]
    example, inputs = {given.name: torch.zeros_like(checks[0])}, [{given.name: check} for check in checks]
    outputs = [signature.name for signature in kind.outputs]
    return export_onnx(network, path, example, outputs, {given.name: free}, inputs, tolerance)


@torch.no_grad()
def parity(network: nn.Module, content: bytes, checks: Sequence[Inputs]) -> float:
    """The greatest difference between the answers of torch and of ONNX Runtime.

    Each output is measured by its greatest magnitude, but by 1 at least: the difference is relative for large answers
    and absolute for small ones.

    Args:
        network: On the CPU, in evaluation mode.
        content: Of the ONNX file.
        checks: Inputs; one at least.

    Raises:
        TrainingError: ONNX Runtime cannot run the network on an input, or gives outputs of another shape.
    """
    worst = 0.0
    session = open_session(content)
    for inputs in checks:
        answers = network(**inputs)
        expected = [answers] if isinstance(answers, Tensor) else list(answers)
        try:
            found = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
        except Exception as error:  # ONNX Runtime raises a dozen kinds
            shapes = ', '.join(f'{name} {tuple(tensor.shape)}' for name, tensor in inputs.items())
            raise TrainingError(
                f'ONNX Runtime cannot run the network on {shapes} ({error}).', 'Declare these axes free.'
            ) from error
        for theirs, ours in zip(expected, found, strict=True):
            worst = max(worst, _difference(theirs.numpy(), ours))
    return worst


def _difference(expected: np.ndarray, found: np.ndarray) -> float:
    if expected.shape != found.shape:
        raise TrainingError(
            f'ONNX Runtime gives an output of shape {found.shape}, torch {expected.shape}.',
            'Declare these axes free.',
        )
    if not expected.size:
        return 0.0
    apart = np.abs(expected.astype(float) - found.astype(float)).max()
    return float(apart / max(1.0, np.abs(expected).max()))
