"""The launch files: a container is told what its nodes would be told in processes of their own."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

LAUNCH, CONFIG = (Path(__file__).parents[1] / folder for folder in ('launch', 'config'))


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


def test_what_differs_in_the_simulated_cell_reaches_the_nodes_that_it_is_said_of():
    """seam_detector was not told how the simulated plates are cut: laps were up to 0.35 mm off."""
    said_of = {section.removeprefix('/**/') for section in yaml.safe_load((CONFIG / 'sim.yaml').read_text())}
    told = set()
    for file in ('cell.launch.xml', 'inspect.launch.xml'):
        told |= told_by(LAUNCH / file, '$(var sim_params)')
    cell = ElementTree.parse(LAUNCH / 'cell.launch.xml').getroot()
    chain = {argument.get('name'): argument.get('value') for argument in cell.iter('arg')}
    (in_simulation,) = [let for let in cell.iter('let') if let.get('name') == 'chain_params' and let.get('if')]
    assert (chain['more_params'], in_simulation.get('value')) == ('$(var chain_params)', '$(var sim_params)')
    assert told | told_by(LAUNCH / 'laser_chain.launch.xml', '$(var more_params)') >= said_of


def told_by(file, params):
    """The nodes that a launch file starts with a parameter file."""
    nodes = ElementTree.parse(file).getroot().iter('node')
    return {node.get('exec') for node in nodes if (params, None, None) in parameters(node)}
