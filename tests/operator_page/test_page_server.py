"""The web server of the operator's page, over real sockets; the cell behind it only keeps what it was asked."""

import asyncio
import json
import subprocess
from contextlib import suppress

import pytest

aiohttp = pytest.importorskip('aiohttp', reason='the extra "page" is not installed')

from weld_cell.errors import ConfigurationError, PageError, WeldCellError  # noqa: E402
from weld_cell.operator_page.access import Access  # noqa: E402
from weld_cell.operator_page.acts import reasons  # noqa: E402
from weld_cell.operator_page.board import Board  # noqa: E402
from weld_cell.operator_page.browser import MOST_NONSENSE  # noqa: E402
from weld_cell.operator_page.metrics import metrics_text  # noqa: E402
from weld_cell.operator_page.server import PageServer  # noqa: E402
from weld_cell.operator_page.settings import PageSettings  # noqa: E402

PASSWORD = 'four words of it'
PATIENCE_S = 60.0


class KeptActs:
    """A cell that keeps what it was asked for."""

    def __init__(self):
        self.asked, self.leases = [], []

    def start(self):
        self.asked.append('start')
        return 'The cycle begins.'

    def stop(self):
        self.asked.append('stop')
        return 'The robot brakes.'

    def approve(self, plan, operator):
        self.asked.append(('approve', plan, operator))
        return 'Approved.'

    def arm(self, plan, operator, lease):
        if operator == 'nobody':
            raise WeldCellError('Not approved.', 'Approve first.')
        self.asked.append(('arm', plan, operator, lease))
        return 'Armed.'

    def disarm(self):
        self.asked.append('disarm')
        return 'Disarmed.'

    def lease(self, word):
        self.leases.append(word)


class Served:
    """A page that is served, and what is behind it."""

    def __init__(self, password='', **settings):
        self.board, self.cell = Board(), KeptActs()
        self.server = PageServer(PageSettings(port=0, **settings), Access(password, 60.0), self.board, self.cell)
        self.address = self.server.start()

    def talk(self, conversation, **options):
        """Run a coroutine function that gets a client session."""

        async def run():
            jar = aiohttp.CookieJar(unsafe=True)  # of an address without a name too
            async with aiohttp.ClientSession(self.address, cookie_jar=jar, **options) as client:
                return await asyncio.wait_for(conversation(client), PATIENCE_S)

        return asyncio.run(run())


@pytest.fixture
def serve():
    made = []

    def make(*arguments, **settings):
        made.append(Served(*arguments, **settings))
        return made[-1]

    yield make
    for served in made:
        served.server.close()


async def words_of(socket, kind):
    """The next message of a kind."""
    while True:
        message = await socket.receive(PATIENCE_S)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        words = json.loads(message.data)
        if words['kind'] == kind:
            return words


async def until(condition):
    while not condition():
        await asyncio.sleep(0.02)


NONSENSE = [
    ('', 'no JSON'),
    ('{', 'no JSON'),
    ('[]', 'expected a JSON object'),
    ('null', 'expected a JSON object'),
    ('"start"', '"start", expected a JSON object'),
    ('[' * 4000, 'no JSON'),
    (b'{"do": "start"}', 'no text'),
    ('{}', 'no "do"'),
    ('{"do": null}', '"do" is null'),
    ('{"do": "self_destruct", "ask": 2}', '"self_destruct", expected one of here, watch, start, stop'),
    ('{"do": ["start"]}', '"do" is ["start"]'),
    ('{"do": "watch", "on": "yes"}', '"on" of watch is "yes"'),
    ('{"do": "approve"}', 'approve needs "plan"'),
    ('{"do": "approve", "plan": "7"}', 'approve needs "operator"'),
    ('{"do": "approve", "plan": 7, "operator": "Anna"}', '"plan" of approve is 7, expected a text'),
    ('{"do": "approve", "plan": "-7", "operator": "Anna"}', '"-7", expected the number of a plan'),
    ('{"do": "arm", "plan": "7", "operator": {"name": "Anna"}}', '"operator" of arm is {"name": "Anna"}'),
    ('{"do": "arm", "plan": "99999999999999999999999", "operator": "Anna"}', 'expected the number of a plan'),
]


def test_nonsense_is_answered_and_does_nothing(serve):
    page = serve()

    async def talk(client):
        async with client.ws_connect('/ws') as socket:
            for nonsense, wrong in NONSENSE:
                await (socket.send_bytes if isinstance(nonsense, bytes) else socket.send_str)(nonsense)
                answer = await words_of(socket, 'answer')
                assert not answer['ok'] and wrong in answer['say'], (nonsense, answer)
                assert answer['ask'] == (2 if '"ask": 2' in str(nonsense) else None)
            await socket.send_str('{"do": "watch", "on": false, "ask": 9}')
            assert (await words_of(socket, 'answer'))['ask'] == 9
            await socket.send_str('{"do": "start", "ask": 3}')
            answer = await words_of(socket, 'answer')
            assert answer['ok'] and answer['ask'] == 3

    page.talk(talk)
    assert page.cell.asked == ['start']


@pytest.mark.parametrize('flood', ['x', 'y' * 100_000, b'\x00\xff'], ids=['short', 'long', 'bytes'])
def test_much_nonsense_ends_the_talk_and_no_other(serve, flood):
    page = serve()

    async def talk(client):
        async with client.ws_connect('/ws') as quiet, client.ws_connect('/ws') as loud:
            await words_of(quiet, 'hello')
            for _ in range(MOST_NONSENSE + 5):
                with suppress(ConnectionError):  # let go already
                    await (loud.send_bytes if isinstance(flood, bytes) else loud.send_str)(flood)
            while not loud.closed:
                await loud.receive(PATIENCE_S)
            assert loud.close_code != 1000  # 1006 where it was let go before its close came
            await quiet.send_str('{"do": "stop"}')
            assert (await words_of(quiet, 'answer'))['ok']

    page.talk(talk)


def test_sections_and_pictures_come_once_each_and_pictures_only_to_who_watches(serve):
    page = serve(image_rate_hz=15.0)
    page.board.put('cell', {'stage': 'idle'})

    async def talk(client):
        async with client.ws_connect('/ws') as socket:
            assert (await words_of(socket, 'hello'))['signed_in']
            assert (await words_of(socket, 'news'))['cell'] == {'stage': 'idle'}
            page.board.put_picture('laser', b'old')
            page.board.put('cell', {'stage': 'idle'})
            page.board.put('seam', {'points': 1})
            assert (await words_of(socket, 'news')).keys() == {'kind', 'seam'} and page.board.watchers == 0
            await socket.send_str('{"do": "watch", "on": true}')
            assert (await socket.receive(PATIENCE_S)).data == b'Lold' and page.board.watchers == 1
            page.board.put_picture('area', b'new')
            assert (await socket.receive(PATIENCE_S)).data == b'Anew'
        await until(lambda: page.board.watchers == 0)

    page.talk(talk)


def test_who_armed_holds_the_lease_by_his_connection(serve):
    page = serve()

    async def talk(client):
        async with client.ws_connect('/ws') as other, client.ws_connect('/ws') as socket:
            await socket.send_str('{"do": "arm", "plan": "7", "operator": "nobody"}')
            assert 'Approve first' in (await words_of(socket, 'answer'))['say']
            await socket.send_str('{"do": "here"}')
            await socket.send_str('{"do": "arm", "plan": "7", "operator": "Anna"}')
            assert (await words_of(socket, 'answer'))['ok'] and page.cell.leases == []
            for each in (other, socket, socket):
                await each.send_str('{"do": "here"}')
            await until(lambda: len(page.cell.leases) == 2)
            await other.close()
            assert 'disarm' not in page.cell.asked
        await until(lambda: 'disarm' in page.cell.asked)

    page.talk(talk)
    ((_, plan, operator, lease), _) = page.cell.asked
    assert (plan, operator) == (7, 'Anna') and len(lease) == 32 and set(page.cell.leases) == {lease}


def test_stop_needs_no_password_and_all_else_does(serve):
    page = serve(PASSWORD)
    page.board.put('cell', {'stage': 'weld'})
    page.board.put('seam', {'points': 1})

    async def talk(client):
        for path in ('/metrics', '/records', '/records/1', '/records/1/report.pdf'):
            assert (await client.get(path)).status == 401
        assert (await client.post('/stop')).status == 200
        async with client.ws_connect('/ws') as socket:
            assert not (await words_of(socket, 'hello'))['signed_in']
            assert (await words_of(socket, 'news')).keys() == {'kind', 'cell'}
            await socket.send_str('{"do": "watch", "on": true}')
            for what in ('start', 'approve', 'arm'):
                await socket.send_str(json.dumps({'do': what, 'plan': '7', 'operator': 'Anna'}))
                assert 'Sign in' in (await words_of(socket, 'answer'))['say']
            await socket.send_str('{"do": "stop"}')
            assert (await words_of(socket, 'answer'))['ok'] and page.board.watchers == 0
        for body in ('', '[]', '{"password": 7}', '{"password": "wrong words"}'):
            assert (await client.post('/login', data=body)).status == 401
        answer = await client.post('/login', json={'password': PASSWORD})
        cookie = answer.cookies['weld_cell_session']
        assert answer.status == 200 and cookie['httponly'] and cookie['samesite'] == 'Strict'
        assert (await client.get('/metrics')).status == 200
        async with client.ws_connect('/ws') as socket:
            assert (await words_of(socket, 'hello'))['signed_in']

    page.talk(talk)
    assert page.cell.asked == ['stop', 'stop']
    bearer = {'Authorization': f'Bearer {PASSWORD}'}

    async def scrape(client):
        return (await client.get('/metrics', headers=bearer)).status

    assert page.talk(scrape) == 200


def test_other_web_sites_do_not_reach_the_cell_through_a_browser(serve):
    page = serve()

    async def talk(client):
        assert (await client.post('/stop', headers={'Origin': 'http://elsewhere.example'})).status == 403
        assert (await client.get('/', headers={'Host': 'elsewhere.example'})).status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await client.ws_connect('/ws', headers={'Origin': 'http://elsewhere.example'})
        async with client.ws_connect('/ws', headers={'Origin': page.address}) as socket:
            await words_of(socket, 'hello')
        answer = await client.get('/')
        assert answer.headers['X-Frame-Options'] == 'DENY' and "default-src 'self'" in str(answer.headers)
        assert 'http://' not in await answer.text()  # nothing comes from elsewhere
        assert (await client.get('/../../etc/passwd')).status == 404
        assert (await client.get('/records/1')).status == 409
        assert (await client.get('/records?below=1x')).status == 400

    page.talk(talk)
    assert page.cell.asked == []


def test_two_pages_on_one_port(serve):
    first = serve()
    port = int(first.address.rpartition(':')[2])
    second = PageServer(PageSettings(port=port), Access('', 60.0), Board(), KeptActs())
    with pytest.raises(PageError, match=f'127.0.0.1:{port} is taken: another operator page') as refused:
        second.start()
    assert 'page_port' in refused.value.remedy
    second.close()


def test_an_address_of_another_machine(serve):
    elsewhere = PageServer(PageSettings(host='192.0.2.1', port=0), Access(PASSWORD, 60.0), Board(), KeptActs())
    with pytest.raises(PageError, match='cannot listen on 192.0.2.1'):
        elsewhere.start()
    elsewhere.close()


def test_tls_files_are_taken(serve, tmp_path):
    certificate, key = tmp_path / 'certificate.pem', tmp_path / 'key.pem'
    make = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    made = subprocess.run(
        [*make, '-subj', '/CN=localhost', '-keyout', key, '-out', certificate], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip('openssl does not make a certificate here')
    page = serve(PASSWORD, tls_certificate=str(certificate), tls_key=str(key))

    async def talk(client):
        answer = await client.post('/login', json={'password': PASSWORD}, ssl=False)
        assert answer.cookies['weld_cell_session']['secure']

    assert page.address.startswith('https://')
    page.talk(talk)
    for wrong in (
        {'tls_certificate': str(tmp_path / 'none.pem')},
        {'tls_certificate': str(key)},
        {'tls_key': str(key)},
    ):
        with pytest.raises(ConfigurationError):
            PageServer(PageSettings(port=0, **wrong), Access('', 60.0), Board(), KeptActs())


def test_metrics_are_what_prometheus_reads():
    board = Board()
    assert 'weld_cell_up 0\n' in metrics_text(board)
    values = {'images': '40', 'state': 'on', 'bad': 'nan', 'started_ns': '1796018450000000000', 'wait_ms': '250'}
    board.put('cell', {'stage': 'track'})
    board.put('nodes', {'nodes': [{'name': 'a"b\\', 'level': 1, 'message': '', 'values': values}]})
    lines = metrics_text(board).splitlines()
    assert 'weld_cell_up 1' in lines and 'weld_cell_stage{stage="track"} 1' in lines
    assert r'weld_cell_node_level{node="a\"b\\"} 1' in lines
    assert [line for line in lines if line.startswith('weld_cell_node_value')] == [
        r'weld_cell_node_value{node="a\"b\\",key="images"} 40',
        r'weld_cell_node_value{node="a\"b\\",key="wait_seconds"} 0.25',
    ]
    assert r'weld_cell_node_start_time_seconds{node="a\"b\\"} 1796018450' in lines
    helped = [line.split()[2] for line in lines if line.startswith('# HELP')]
    assert len(helped) == len(set(helped))


@pytest.mark.parametrize(
    ('stage', 'approval', 'possible'),
    [
        (None, {}, {'stop'}),
        ('idle', {}, {'start', 'stop'}),
        ('track', {'state': 'none'}, {'stop'}),
        ('approve', {'state': 'awaited', 'mode': 'arc'}, {'stop', 'approve'}),
        ('approve', {'state': 'approved', 'mode': 'arc'}, {'stop', 'arm'}),
        ('approve', {'state': 'awaited', 'mode': 'dry run'}, {'stop', 'approve'}),
        ('weld', {'state': 'welding', 'mode': 'arc', 'approved_by': 'Anna', 'armed_by': 'Anna'}, {'stop'}),
    ],
)
def test_what_is_not_possible_says_why(stage, approval, possible):
    told = reasons({'stage': stage}, approval)
    assert {act for act, reason in told.items() if not reason} == possible


def test_no_start_while_something_is_missing():
    told = reasons({'stage': 'idle', 'missing': 'seam_detector, weld/plan'}, {})
    assert told['start'] == 'Not ready. Missing: seam_detector, weld/plan.'
    assert 'under way' in reasons({'stage': 'track', 'missing': ''}, {})['start']
