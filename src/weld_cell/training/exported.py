"""Weights from an exported network, to start a training from a shipped model."""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from weld_cell.errors import TrainingError

_PREFIX = 'network.'  # of the names in the export: the network lies in what is deployed
_FOLDED_BIAS = '.weight_bias'  # as torch's exporter names the bias of a convolution that took in its normalisation


@torch.no_grad()
def load_exported(network: nn.Module, path: Path, batch: Tensor) -> None:
    """Give a network the weights of its own ONNX export.

    The export folds each batch normalisation into the convolution before it. Here every convolution keeps the folded
    weights, and its normalisation takes the statistics of a batch with the gain and the bias that undo them: the
    answers are the exported ones, and the training finds every normalisation as it would have left it.

    Args:
        network: Convolutions, each followed by its batch normalisation in an `nn.Sequential`, or with a bias.
        path: The ONNX file.
        batch: An input of the network, (n, c, h, w) from many images.

    Raises:
        TrainingError: the file cannot be read, or holds another network.
    """
    stored = _initializers(path)
    pairs = _normalised(network)
    for name, convolution in network.named_modules():
        if isinstance(convolution, nn.Conv2d):
            _assign(convolution.weight, stored, f'{_PREFIX}{name}.weight', path)
            if convolution.bias is not None:
                _assign(convolution.bias, stored, f'{_PREFIX}{name}.bias', path)
            else:
                _assign_identity(pairs[convolution], stored, f'{_PREFIX}{name}{_FOLDED_BIAS}', path)
    _take_statistics(network, pairs, batch)


def _initializers(path: Path) -> dict[str, np.ndarray]:
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf and onnx raise kinds of their own
        raise TrainingError(f'{path}: not an ONNX file ({error}).', 'Give the .onnx of a training.') from error
    return {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}


def _normalised(network: nn.Module) -> dict[nn.Conv2d, nn.BatchNorm2d]:
    return {
        first: second
        for sequence in network.modules()
        if isinstance(sequence, nn.Sequential)
        for first, second in zip(sequence, list(sequence)[1:], strict=False)
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d)
    }


def _assign(tensor: Tensor, stored: dict[str, np.ndarray], name: str, path: Path) -> None:
    if name not in stored or stored[name].shape != tuple(tensor.shape):
        raise TrainingError(
            f'{path}: has no {name} of shape {tuple(tensor.shape)}: another network.',
            'Give the .onnx of a training of this network.',
        )
    tensor.copy_(torch.from_numpy(stored[name].copy()))


def _assign_identity(normalisation: nn.BatchNorm2d, stored: dict[str, np.ndarray], name: str, path: Path) -> None:
    _assign(normalisation.bias, stored, name, path)
    assert normalisation.running_mean is not None and normalisation.running_var is not None
    normalisation.running_mean.zero_()
    normalisation.running_var.fill_(1.0 - normalisation.eps)
    normalisation.weight.fill_(1.0)


def _take_statistics(network: nn.Module, pairs: dict[nn.Conv2d, nn.BatchNorm2d], batch: Tensor) -> None:
    found: dict[nn.BatchNorm2d, tuple[Tensor, Tensor]] = {}
    hooks = [
        convolution.register_forward_hook(
            lambda _, __, maps, to=normalisation: found.update({to: torch.var_mean(maps, (0, 2, 3))})
        )
        for convolution, normalisation in pairs.items()
    ]
    was_training = network.training
    network.eval()(batch)
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    for normalisation, (variance, mean) in found.items():
        assert normalisation.running_mean is not None and normalisation.running_var is not None
        normalisation.running_mean.copy_(mean)
        normalisation.running_var.copy_(variance)
        normalisation.weight.copy_(torch.sqrt(variance + normalisation.eps))
        normalisation.bias.add_(mean)
