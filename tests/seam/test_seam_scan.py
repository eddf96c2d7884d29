"""From a scan's points to its path: each joint type's rule has its say, and what is shared asks for no joint type."""

import ast
from pathlib import Path

import numpy as np
import pytest

from weld_cell.errors import SeamPathError
from weld_cell.records import JointType, SeamPoint
from weld_cell.seam.path import fit_seam_path
from weld_cell.seam.rules import RULES
from weld_cell.seam.scan import seam_path
from weld_cell.seam.settings import PathSettings

SETTINGS = PathSettings()
SOURCE = Path(__file__).parents[2] / 'src' / 'weld_cell'
SHARED = sorted([*(SOURCE / 'seam').glob('*.py'), *(SOURCE / 'records').glob('*.py')])
VALUES = {str(joint_type) for joint_type in JointType}


def points(count):
    return [
        SeamPoint(np.array([1e-3 * i, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]), i, evidence=object())
        for i in range(count)
    ]


@pytest.mark.parametrize('joint_type', JointType)
@pytest.mark.parametrize('count', [0, SETTINGS.min_points - 1])
def test_too_few_points_are_refused(count, joint_type):
    with pytest.raises(SeamPathError, match=f'{count} seam points'):
        seam_path(points(count), joint_type, SETTINGS)


@pytest.mark.parametrize('joint_type', JointType)
def test_points_without_what_a_rule_can_refine_are_fitted_as_they_are(joint_type):
    scan = points(40)
    assert all(one is other for one, other in zip(RULES[joint_type].refine(scan), scan, strict=True))
    path = seam_path(scan[::-1], joint_type, SETTINGS)
    np.testing.assert_array_equal(path.positions_m, fit_seam_path(scan, SETTINGS).positions_m)


def what_it_knows(source):
    """Where a module asks for a joint type, names one, reaches into a rule or reads what only a rule may read."""
    tree = WithoutAnnotations().visit(ast.parse(source))
    return [ast.unparse(node) for node in ast.walk(tree) if any(asks(node) for asks in QUESTIONS)]


class WithoutAnnotations(ast.NodeTransformer):
    """A module may say that something is a joint type; the enumeration itself names them all."""

    def visit_arg(self, node):
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node):
        return self.visit(node.value) if node.value else None

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(node)

    def visit_ClassDef(self, node):
        return None if node.name == 'JointType' else self.generic_visit(node)


def names_a_type(node):
    return (isinstance(node, ast.Constant) and node.value in VALUES) or (
        isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).split('.')[-1] == 'JointType'
    )


def renames_the_types(node):
    return isinstance(node, ast.alias) and node.name == 'JointType' and node.asname is not None


def asks_for_the_type(node):
    """By a comparison or a match statement."""
    asked = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
    asked += [node.subject] if isinstance(node, ast.Match) else []
    return any(ast.unparse(part).split('.')[-1] == 'joint_type' for part in asked)


def reaches_into_a_rule(node):
    return (isinstance(node, ast.ImportFrom) and (node.module or '').startswith('weld_cell.seam.rules.')) or (
        isinstance(node, ast.Import) and any(name.name.startswith('weld_cell.seam.rules') for name in node.names)
    )


def reads_evidence(node):
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == 'evidence'


QUESTIONS = (names_a_type, renames_the_types, asks_for_the_type, reaches_into_a_rule, reads_evidence)


@pytest.mark.parametrize('path', SHARED, ids=lambda path: f'{path.parent.name}/{path.name}')
def test_what_is_shared_knows_no_joint_type(path):
    assert what_it_knows(path.read_text(encoding='utf-8')) == []


@pytest.mark.parametrize(
    'source',
    [
        'x = found if joint_type is JointType.V else None',
        'from weld_cell.records import JointType as Kind',
        'x = laser.JointType("lap")',
        'if observation.joint_type == other: pass',
        'if str(kind) == "v": pass',
        'match joint_type:\n    case _: pass',
        'from weld_cell.seam.rules.v import refine_v',
        'import weld_cell.seam.rules.v.scan',
        'x = point.evidence.gap_lift',
    ],
)
def test_a_module_that_knows_is_told(source):
    assert what_it_knows(source)


def test_a_module_may_hand_a_joint_type_and_evidence_on():
    source = 'def find(joint_type: JointType) -> JointType:\n    return RULES[joint_type].find(point.evidence)'
    assert what_it_knows(source) == []
    assert len(SHARED) > 15
