"""ROS's discovery variables as a Cyclone configuration; that it works is for test_tf2_processes."""

from xml.etree import ElementTree

import pytest

discovery = pytest.importorskip('tf2_ros.discovery', reason='src/pip_ros is not installed; the real tf2_ros is C++')

RANGE, PEERS = 'ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_STATIC_PEERS'


def merged(configuration):
    """The Domain that Cyclone makes of the fragments."""
    fragments = ElementTree.fromstring(f'<All>{configuration.replace("DDS>,<", "DDS><")}</All>')
    domain = ElementTree.Element('Domain')
    domain.extend(section for each in fragments.iterfind('CycloneDDS/Domain') for section in each)
    return domain


@pytest.mark.parametrize(
    ('environment', 'multicast', 'peers', 'loopback_only'),
    [
        ({RANGE: 'LOCALHOST'}, 'false', ['127.0.0.1'], True),
        ({RANGE: 'LOCALHOST', PEERS: '10.0.0.7;host'}, 'false', ['127.0.0.1', '10.0.0.7', 'host'], False),
        ({RANGE: 'a typing error'}, 'false', ['127.0.0.1'], True),
        ({'ROS_LOCALHOST_ONLY': '1', RANGE: 'SUBNET'}, 'false', ['127.0.0.1'], True),
        ({RANGE: 'SUBNET', PEERS: '10.0.0.7'}, None, ['10.0.0.7'], False),
        ({PEERS: '10.0.0.7'}, None, ['10.0.0.7'], False),
        ({RANGE: 'OFF', PEERS: '10.0.0.7'}, 'false', [], False),
    ],
)
def test_configuration(environment, multicast, peers, loopback_only):
    domain = merged(discovery.cyclone_configuration(environment))
    assert domain.findtext('General/AllowMulticast') == multicast
    assert [peer.get('address') for peer in domain.iterfind('Discovery/Peers/Peer')] == peers
    assert (domain.find('General/Interfaces') is not None) == loopback_only


@pytest.mark.parametrize('environment', [{}, {RANGE: 'SUBNET'}, {RANGE: 'SYSTEM_DEFAULT', PEERS: '10.0.0.7'}])
def test_discovery_is_left_to_cyclone(environment):
    domain = merged(discovery.cyclone_configuration(environment))
    assert [section.tag for section in domain] == ['Internal']


def test_a_cyclonedds_uri_has_the_last_word():
    environment = {RANGE: 'LOCALHOST', 'CYCLONEDDS_URI': 'file:///etc/cell.xml'}
    assert discovery.cyclone_configuration(environment).endswith('</CycloneDDS>,file:///etc/cell.xml')


def test_a_peer_cannot_break_the_document():
    domain = merged(discovery.cyclone_configuration({PEERS: 'a"/><b'}))
    assert domain.find('Discovery/Peers/Peer').get('address') == 'a"/><b'
