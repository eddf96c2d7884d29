"""A network for plate seams that sees the same regions in every image: a real ONNX file with its card."""

import numpy as np
import pytest
from plain_cards import write_plain_card

from weld_cell.plate_seam.locate import PLATE_SEAM_NET


def write_constant_net(path, boxes, scores):
    """Write one whose answers are boxes (n, 4) in pixels of the reduced image, and scores (n,)."""
    onnx = pytest.importorskip('onnx', reason='who trains has it')
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    answers = {'boxes': np.asarray(boxes, np.float32), 'scores': np.asarray(scores, np.float32)}
    nodes = [
        helper.make_node('Constant', [], [name], value=onnx.numpy_helper.from_array(value[None]))
        for name, value in answers.items()
    ]
    signatures = (*PLATE_SEAM_NET.inputs, *PLATE_SEAM_NET.outputs)
    described = [helper.make_tensor_value_info(each.name, float32, each.shape) for each in signatures]
    graph = helper.make_graph(nodes, 'constant', described[:1], described[1:])
    opset = [helper.make_opsetid('', 17)]
    path.write_bytes(helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString())
    write_plain_card(path, PLATE_SEAM_NET)
    return path
