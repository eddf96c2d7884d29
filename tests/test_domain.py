"""Domains are claimed for as long as somebody holds them."""

import os
import subprocess
import sys

from weld_cell.domain import DOMAINS, claim_domain, loopback_environment


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
