"""ROS's environment variables of discovery as a Cyclone DDS configuration, after rmw_cyclonedds_cpp."""

import os
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

# The last index whose two unicast ports (10 + 2 i, 11 + 2 i) lie in the domain's block of 250 (DDSI-RTPS 9.6.1).
_LAST_PARTICIPANT_INDEX = (250 - 12) // 2
# Fast DDS takes an endpoint's leave only with its key hash, which Cyclone leaves out by itself; without it the
# frames of a process that ended seem to be published for ten more seconds.
_KEY_HASH = '<CycloneDDS><Domain><Internal><GenerateKeyhash>true</GenerateKeyhash></Internal></Domain></CycloneDDS>'
_RANGES = ('LOCALHOST', 'SUBNET', 'OFF', 'SYSTEM_DEFAULT')


def cyclone_configuration(environment: Mapping[str, str] = os.environ) -> str:
    """Cyclone configuration (XML) for ROS_AUTOMATIC_DISCOVERY_RANGE and ROS_STATIC_PEERS.

    A CYCLONEDDS_URI is appended, so that it has the last word, as with rmw_cyclonedds_cpp. SYSTEM_DEFAULT
    leaves the discovery to it.
    """
    discovery_range = _range(environment)
    peers = [p for p in environment.get('ROS_STATIC_PEERS', '').split(';') if p]
    fragments = {
        'LOCALHOST': _localhost,
        'SUBNET': _subnet,
        'OFF': _off,
        'SYSTEM_DEFAULT': _system_default,
    }[discovery_range](peers)
    uri = environment.get('CYCLONEDDS_URI', '')
    return ','.join(filter(None, (_KEY_HASH, fragments, uri)))


def _range(environment: Mapping[str, str]) -> str:
    if environment.get('ROS_LOCALHOST_ONLY') == '1':  # deprecated since Iron, and still obeyed
        return 'LOCALHOST'
    value = environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE') or 'SUBNET'
    return value if value in _RANGES else 'LOCALHOST'  # rcl takes an unknown word for LOCALHOST


def _localhost(peers: list[str]) -> str:
    """Unicast to this host and the named peers; bound to loopback where no peer lies outside."""
    interface = '' if peers else '<Interfaces><NetworkInterface address="127.0.0.1"/></Interfaces>'
    general = f'<General>{interface}<AllowMulticast>false</AllowMulticast></General>'
    return _domain(general, ['127.0.0.1', *peers])


def _subnet(peers: list[str]) -> str:
    return _domain('', peers) if peers else ''


def _off(_peers: list[str]) -> str:
    """Nobody: the tag makes a domain that only this process is in."""
    tag = f'<Discovery><Tag>ros_discovery_off_{os.getpid()}</Tag></Discovery>'
    return f'<CycloneDDS><Domain><General><AllowMulticast>false</AllowMulticast></General>{tag}</Domain></CycloneDDS>'


def _system_default(_peers: list[str]) -> str:
    return ''


def _domain(general: str, peers: list[str]) -> str:
    listed = ''.join(f'<Peer address={quoteattr(peer)}/>' for peer in peers)
    return (
        f'<CycloneDDS><Domain>{general}<Discovery><ParticipantIndex>auto</ParticipantIndex>'
        f'<MaxAutoParticipantIndex>{_LAST_PARTICIPANT_INDEX}</MaxAutoParticipantIndex>'
        f'<Peers>{listed}</Peers></Discovery></Domain></CycloneDDS>'
    )
