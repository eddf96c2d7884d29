"""Export: ONNX Runtime gives the answers of torch, on other lengths too; where it does not, there is no file."""

import numpy as np
import pytest

from weld_cell.errors import TrainingError


@pytest.fixture
def torch():
    return pytest.importorskip('torch')


@pytest.fixture
def export_onnx(torch):
    from weld_cell.training.export import export_onnx

    return export_onnx


@pytest.fixture
def network(torch):
    """Two inputs and two outputs: sum over an image by channel, and the image itself doubled."""

    class Sums(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weigh = torch.nn.Conv2d(3, 2, 3, padding=1)

        def forward(self, image, factor):
            seen = self.weigh(image) * factor[:, None, None, None]
            return seen.sum((2, 3)), torch.relu(seen)

    torch.manual_seed(0)
    return Sums().eval()


FREE = {'image': (0, 2, 3), 'factor': (0,)}


def inputs(torch, batch, height, width):
    return {'image': torch.rand(batch, 3, height, width), 'factor': torch.rand(batch)}


def test_nothing_to_compare_on_is_refused(torch, export_onnx, network, tmp_path):
    with pytest.raises(ValueError, match='checks'):
        export_onnx(network, tmp_path / 'n.onnx', inputs(torch, 2, 8, 8), ('sums', 'map'), FREE, [], 1e-5)


def test_a_free_axis_of_one_is_refused(torch, export_onnx, network, tmp_path):
    example = inputs(torch, 1, 8, 8)
    with pytest.raises(ValueError, match='image: axis 0 is free'):
        export_onnx(network, tmp_path / 'n.onnx', example, ('sums', 'map'), FREE, [example], 1e-5)


def test_batch_and_size_may_differ(torch, export_onnx, network, tmp_path):
    from weld_cell.models.network import open_session, session_signature

    path = tmp_path / 'new' / 'n.onnx'
    checks = [inputs(torch, 2, 8, 8), inputs(torch, 1, 5, 11), inputs(torch, 3, 16, 4)]
    assert export_onnx(network, path, inputs(torch, 2, 8, 10), ('sums', 'map'), FREE, checks, 1e-5) <= 1e-5
    session = open_session(path.read_bytes())
    taken, given = session_signature(session)
    assert [s.name for s in (*taken, *given)] == ['image', 'factor', 'sums', 'map']
    assert taken[0].shape[1] == 3 and all(isinstance(taken[0].shape[axis], str) for axis in (0, 2, 3))
    arrays = {name: tensor.numpy() for name, tensor in checks[1].items()}
    sums, seen = session.run(None, arrays)
    assert sums.shape == (1, 2) and seen.shape == (1, 2, 5, 11)
    assert (seen >= 0).all()


def test_a_length_that_was_not_declared_free_is_named(torch, export_onnx, network, tmp_path):
    example = inputs(torch, 2, 8, 8)
    with pytest.raises(TrainingError, match=r'cannot run the network on image \(2, 3, 9, 8\)'):
        export_onnx(network, tmp_path / 'n.onnx', example, ('sums', 'map'), {}, [inputs(torch, 2, 9, 8)], 1e-5)
    assert not list(tmp_path.iterdir())


def test_answers_that_differ_are_not_written(torch, export_onnx, tmp_path):
    class Fickle(torch.nn.Module):
        """Adds 1, but when it is traced."""

        def forward(self, x):
            return x if torch.compiler.is_exporting() else x + 1.0

    example = {'x': torch.zeros(2, 2)}
    with pytest.raises(TrainingError, match='differ by 1, more than 1e-05; .*was not written'):
        export_onnx(Fickle(), tmp_path / 'n.onnx', example, ('y',), {}, [example], 1e-5)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('expected', 'found', 'difference'),
    [([], [], 0.0), ([0.5], [0.25], 0.25), ([8.0, 1.0], [8.0, 3.0], 0.25), ([-8.0], [-4.0], 0.5)],
)
def test_differences_are_relative_for_large_answers_only(torch, expected, found, difference):
    from weld_cell.training.export import _difference

    assert _difference(np.array(expected), np.array(found)) == difference
