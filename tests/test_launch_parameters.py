"""The launch files: a container is told what its nodes would be told in processes of their own."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

LAUNCH = Path(__file__).parents[1] / 'launch'


def parameters(node):
    """(file, name, value) of each <param>, in their order."""
    return [(child.get('from'), child.get('name'), child.get('value')) for child in node.iter('param')]


@pytest.mark.parametrize(('file', 'containers'), [('cell.launch.xml', 1), ('laser_chain.launch.xml', 1)])
def test_a_container_gets_the_parameters_of_its_nodes(file, containers):
    root = ElementTree.parse(LAUNCH / file).getroot()
    nodes = list(root.iter('node'))
    composed = [node for node in nodes if node.get('exec') == 'cell_container']
    assert len(composed) == containers and composed[0].get('if') == '$(var composed)'
    words = ' '.join([composed[0].get('args'), *(let.get('value') for let in root.iter('let'))]).split()
    separate = [node for node in nodes if 'composed' in node.get('if', '') + node.get('unless', '')]
    separate.remove(composed[0])
    assert {node.get('exec') for node in separate} <= set(words)
    told = parameters(composed[0])
    missing = {node.get('exec'): [p for p in parameters(node) if p not in told] for node in separate}
    assert not any(missing.values()), missing
    own = [p for node in separate for p in parameters(node)]
    assert [p for p in told if p not in own] == []
