"""The operator's page in a real browser over the real cell: a person's ways, and what goes wrong on them.

One launch of the simulated cell, armed, and one Chromium for all tests of this file. The seam is that between plates:
a cycle without a scan is short.
"""

import os
import signal
import socket
import time

import psutil
import pytest
from cell_graph import needs_ros2, prefix_with_faster_welds, records_of, running_graph
from devtools import CHROMIUM, Chromium
from page_ways import RESTS, STAGE, approve, begin, hold_to_arm, open_newest_record

pytest.importorskip('aiohttp', reason='the extra "page" is not installed')

pytestmark = [
    pytest.mark.graph,
    pytest.mark.slow,
    needs_ros2,
    pytest.mark.skipif(CHROMIUM is None, reason='there is no chromium (apt install chromium)'),
]


class Cell:
    """The launched cell with its page, and a browser."""

    def __init__(self, graph, folder):
        self.graph, self.folder = graph, folder
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        self.address = f'http://127.0.0.1:{port}'
        words = ('source:=sim', 'seam_source:=plate', 'armed:=true', 'operator_page:=true', 'composed:=false')
        where = f'page_port:={port}', f'records:={self.records}'
        graph.ros2('cell', 'launch', 'weld_cell', 'cell.launch.xml', *words, *where)
        graph.wait_for_output('cell', ['The page is at'])
        self.chromium = Chromium(folder / 'chromium')

    @property
    def records(self):
        return self.folder / 'records'

    def open(self, **options):
        """A page over a cell at rest: a cycle that a failed test left waiting is stopped."""
        page = self.chromium.open(self.address, **options)
        page.wait(f'{RESTS} || {STAGE} === "approve"')
        if page.value(STAGE) == 'approve':
            page.click('#stop')
            page.wait(RESTS)
        return page

    def signal(self, node, number):
        """Send a node a signal; where it is killed, the launch starts it again."""
        (pid,) = self.graph_processes(node)
        os.kill(pid, number)

    def graph_processes(self, node):
        """Of the launch's children, those that run this node."""
        launch = self.graph.processes['cell'].pid
        children = psutil.Process(launch).children()
        return [child.pid for child in children if f'__node:={node}' in child.cmdline()]


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    folder = tmp_path_factory.mktemp('page')
    prefix = prefix_with_faster_welds(folder)
    parameters = prefix / 'share' / 'weld_cell' / 'config' / 'cell.yaml'
    section = '/**/cell_supervisor:\n  ros__parameters:\n'
    text = parameters.read_text()
    assert section in text
    parameters.write_text(text.replace(section, f'{section}    approval: {{lease_s: 30.0}}\n'))  # of a busy machine
    with running_graph(folder / 'graph') as graph, pytest.MonkeyPatch.context() as environment:
        environment.setenv('AMENT_PREFIX_PATH', str(prefix), prepend=':')
        made = Cell(graph, folder)
        try:
            yield made
        finally:
            made.chromium.close()


@pytest.fixture
def page(cell):
    page = cell.open()
    yield page
    assert page.errors() == []
    page.close()


def approve_as(page, name):
    page.wait(f'{STAGE} === "approve" && !find("approval").hidden')
    page.value(f'find("operator").value = ""; localStorage.clear(); {STAGE}')
    assert page.value('find("arm").disabled')
    page.type('#operator', name)
    approve(page)


def test_stop_ends_a_cycle_and_nothing_is_possible_without_its_reason(page):
    page.wait('!find("start").disabled')
    begin(page)
    page.wait(f'!{RESTS} && find("start").disabled')
    assert 'A cycle is under way' in page.value('find("start").title')
    page.click('#stop')
    page.wait(f'{STAGE} === "fault"')
    assert 'The cycle was stopped' in page.text('#note')


def test_a_way_from_start_to_an_armed_weld_that_two_do_not_approve(page, cell):
    other = cell.open(size_px=(390, 844), dark=True)
    begin(page)
    other.wait(f'{STAGE} === "approve"')
    approve_as(page, 'Anna Berg')
    other.wait('find("approve_why").innerText.includes("Approved by Anna Berg")')
    assert other.value('find("approve").disabled')
    late = other.value('act("approve", {plan: known.approval.plan, operator: "Ben"}).then((answer) => answer.say)')
    assert 'approved by Anna Berg already' in late
    page.click('#arm')  # a tap does not arm
    assert page.value('known.approval.state') == 'approved'
    hold_to_arm(page)
    other.wait('find("note").textContent.startsWith("ARC ARMED by Anna Berg")')
    page.wait(RESTS)
    assert page.value(STAGE) == 'done', page.text('#note')
    page.wait('shown.area')  # the plates were seen
    record = records_of(cell.records)[-1]
    arc = record.seams[0].arc
    assert (arc.armed, arc.approved_by, arc.armed_by) == (True, 'Anna Berg', 'Anna Berg')
    assert arc.approved_utc and arc.armed_utc > arc.approved_utc
    other.close()


def test_the_record_is_on_the_page(page):
    open_newest_record(page)
    assert page.value('find("older").hidden')  # these are all
    page.wait('find("record").innerText.includes("Anna Berg") && document.querySelector("#record img").naturalWidth')
    report = page.value('document.querySelector("#record a").getAttribute("href")')
    begin = page.value(f'fetch("{report}").then((answer) => answer.text()).then((pdf) => pdf.slice(0, 5))')
    assert begin == '%PDF-'


def test_an_arc_does_not_outlive_the_connection_of_who_armed_it(page, cell):
    begin(page)
    armer = cell.chromium.open(cell.address)
    approve_as(armer, 'Ben')
    hold_to_arm(armer)
    armer.close()
    page.wait(RESTS)
    assert page.value(STAGE) == 'fault'
    assert 'in stage weld' in page.text('#note') and 'arm' in page.text('#note')
    assert page.value('known.approval.state') == 'none'


def test_the_graph_and_the_page_are_started_again_under_the_browser(page, cell):
    page.value('window.same = true')
    cell.signal('cell_supervisor', signal.SIGSTOP)  # one that is killed may be back before it is missed
    page.wait(f'{STAGE} === null')
    assert 'Waiting for the cell' in page.text('#note') and page.value('find("start").disabled')
    cell.signal('cell_supervisor', signal.SIGKILL)
    page.wait(f'{STAGE} === "idle" && !find("start").disabled')
    page.value(
        'window.lost = false; new MutationObserver(() => { window.lost ||= !find("lost").hidden; })'
        '.observe(find("lost"), {attributes: true})'
    )
    cell.signal('operator_page', signal.SIGKILL)
    page.wait(f'window.lost && find("lost").hidden && {STAGE} === "idle" && window.same')


def test_a_cell_that_is_not_complete_says_what_is_missing(page, cell):
    page.wait(f'{STAGE} === "idle" && !find("start").disabled')
    assert page.text('#note') == 'Ready. Start begins a cycle.'
    cell.signal('trajectory_publisher', signal.SIGSTOP)
    page.wait('find("start").disabled')
    assert page.text('#note') == page.value('find("start").title') == 'Not ready. Missing: trajectory_publisher.'
    cell.signal('trajectory_publisher', signal.SIGCONT)
    page.wait('!find("start").disabled')


def test_nonsense_of_a_browser_does_no_harm(page):
    assert '"dance"' in page.value('act("dance").then((answer) => answer.say)')
    page.value(
        'new Promise((resolve) => { const talk = new WebSocket(`ws://${location.host}/ws`); talk.onclose = resolve;'
        'talk.onopen = () => { for (let k = 0; k < 50; k++) talk.send("{".repeat(k)); }; }).then(() => 1)'
    )
    page.wait(f'{STAGE} === "idle" && !find("start").disabled')
    time.sleep(0.5)
    assert page.value('find("lost").hidden')
