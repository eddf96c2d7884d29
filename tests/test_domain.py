"""Domains are claimed for as long as somebody holds them."""

import os
import subprocess
import sys

from weld_cell import domain as domains
from weld_cell.domain import DOMAINS, claim_domain, loopback_environment, remove_dead_ports


def test_two_claims_never_meet():
    first, held = claim_domain()
    second, also_held = claim_domain()
    os.close(held)
    os.close(also_held)
    assert first != second
    assert {first, second} <= set(DOMAINS)


def test_a_child_keeps_the_claim_and_its_end_frees_it():
    domain, held = claim_domain()
    child = subprocess.Popen([sys.executable, '-c', 'input()'], pass_fds=[held], stdin=subprocess.PIPE)
    os.close(held)
    other, also_held = claim_domain()
    os.close(also_held)
    assert other != domain
    child.communicate(b'\n')
    again, held = claim_domain()
    os.close(held)
    assert again == domain


def test_environment_stays_on_loopback():
    environment = loopback_environment(7)
    assert environment['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert environment['ROS_DOMAIN_ID'] == '7'


def test_what_killed_processes_left_of_a_domain_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(domains, 'SHARED_MEMORY', tmp_path)
    dead = ('fastrtps_port7650', 'fastrtps_port7650_el', 'sem.fastrtps_port7899_mutex')
    others = ('fastrtps_port7649', 'fastrtps_port7900', 'fastrtps_0123456789abcdef')
    for name in (*dead, *others):
        (tmp_path / name).touch()
    remove_dead_ports(1)
    assert {path.name for path in tmp_path.iterdir()} == set(others)
