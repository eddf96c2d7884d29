"""The web server of the operator's page, in a thread of its own. Needs aiohttp: the extra `page`."""

import asyncio
import errno
import json
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from weld_cell.errors import ConfigurationError, PageError, WeldCellError
from weld_cell.operator_page.access import Access, is_this_machine
from weld_cell.operator_page.acts import Cell
from weld_cell.operator_page.board import Board
from weld_cell.operator_page.browser import MOST_LETTERS, Browser
from weld_cell.operator_page.metrics import CONTENT_TYPE, metrics_text
from weld_cell.operator_page.settings import PageSettings
from weld_cell.operator_page.welds import Welds

STATIC = Path(__file__).parent / 'static'
FILES = {
    '/': ('index.html', 'text/html'),
    '/page.css': ('page.css', 'text/css'),
    '/page.js': ('page.js', 'text/javascript'),
    '/scene.js': ('scene.js', 'text/javascript'),
    '/icon.svg': ('icon.svg', 'image/svg+xml'),
}
SESSION = 'weld_cell_session'
OPEN = {*FILES, '/ws', '/stop', '/login'}
"""What needs no session: the empty page, the stage on it, and the stop."""
HEADERS = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
}
WRONG_PASSWORD_S = 1.0
MOST_DIGITS = 9
"""Of the number of a record."""
MOST_BROWSERS = 64
START_S, END_S = 20.0, 5.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PageServer:
    """Serves the page from `start` to `close`.

    Args:
        settings: Where, and how much.
        access: Who may.
        board: What is shown.
        cell: What the buttons do.
    """

    def __init__(self, settings: PageSettings, access: Access, board: Board, cell: Cell) -> None:
        self._settings, self._access, self._board, self._cell = settings, access, board, cell
        self._welds = Welds(settings.records_folder)
        self._tls = _tls_of(settings)
        self._workers = ThreadPoolExecutor(8, 'page')  # stop has its own: it waits for nobody
        self._stops = ThreadPoolExecutor(4, 'stop')
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name='page', daemon=True)
        self._started: Future[int] = Future()
        self._end, self._guesses, self._browsers = asyncio.Event(), asyncio.Lock(), 0

    def start(self) -> str:
        """Begin to serve; the address.

        Raises:
            PageError: the address is taken, or none of this machine.
        """
        self._thread.start()
        port = self._started.result(START_S)
        host = self._settings.host
        return f'http{"s" if self._tls else ""}://{f"[{host}]" if ":" in host else host}:{port}'

    def close(self) -> None:
        """End, and let browsers know."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(END_S)
        for pool in (self._workers, self._stops):
            pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        runner = web.AppRunner(self._application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
        try:
            await runner.setup()
            site = web.TCPSite(runner, self._settings.host, self._settings.port, ssl_context=self._tls)
            await site.start()
            self._started.set_result(runner.addresses[0][1])
        except OSError as error:
            self._started.set_exception(_not_served(self._settings, error))
            self._end.set()
        await self._end.wait()
        await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard], client_max_size=16384)
        for path in FILES:
            application.router.add_get(path, self._file)
        application.router.add_get('/ws', self._browser)
        application.router.add_post('/stop', self._stop)
        application.router.add_post('/login', self._login)
        application.router.add_get('/metrics', self._metrics)
        application.router.add_get('/records', self._records)
        application.router.add_get(r'/records/{number:\d{1,9}}', self._record)
        application.router.add_get(r'/records/{number:\d{1,9}}/picture/{place:\d{1,4}}', self._picture)
        application.router.add_get(r'/records/{number:\d{1,9}}/report.pdf', self._report)
        return application

    # Who may

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Other web sites that a browser shows must not reach the cell through it, nor strangers by themselves."""
        if not self._from_here(request):
            response: web.StreamResponse = _refusal(403, 'This address of the page is not one that it is served at.')
        elif request.path not in OPEN and not self._signed_in(request):
            response = _refusal(401, 'Sign in first.')
        else:
            try:
                response = await handler(request)
            except web.HTTPException as refused:
                response = _refusal(refused.status, refused.reason)
            except WeldCellError as error:
                response = _refusal(409, str(error))
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    def _from_here(self, request: web.Request) -> bool:
        host = urlsplit(f'//{request.headers.get("Host", "")}')
        try:
            name, origin = host.hostname or '', urlsplit(request.headers.get('Origin', '')).netloc
        except ValueError:
            return False
        if not self._access.needed and not is_this_machine(name):  # a name that somebody else has led here
            return False
        return not origin or origin == host.netloc

    def _signed_in(self, request: web.Request) -> bool:
        kind, _, word = request.headers.get('Authorization', '').partition(' ')
        if kind.lower() == 'bearer' and self._access.knows(word.strip()):
            return True
        return self._access.holds(request.cookies.get(SESSION, ''))

    async def _login(self, request: web.Request) -> web.Response:
        words = await _words(request)
        async with self._guesses:  # one after the other, whoever guesses
            if not self._access.knows(str(words.get('password', ''))):
                await asyncio.sleep(WRONG_PASSWORD_S)
                return _refusal(401, 'This is not the password.')
        response = web.json_response({'say': 'Signed in.'})
        secure = self._tls is not None
        response.set_cookie(SESSION, self._access.sign_in(), httponly=True, samesite='Strict', secure=secure)
        return response

    # What there is

    async def _file(self, request: web.Request) -> web.Response:
        name, kind = FILES[request.path]
        return web.Response(body=(STATIC / name).read_bytes(), content_type=kind, charset='utf-8')

    async def _browser(self, request: web.Request) -> web.WebSocketResponse:
        if self._browsers >= MOST_BROWSERS:
            raise web.HTTPServiceUnavailable(reason=f'{MOST_BROWSERS} browsers look at this page already.')
        socket = web.WebSocketResponse(max_msg_size=MOST_LETTERS, heartbeat=10.0, compress=False)
        await socket.prepare(request)
        browser = Browser(socket, self._board, self._act, 1.0 / self._settings.image_rate_hz)
        self._browsers += 1
        try:
            await browser.serve(self._signed_in(request), self._end)
        finally:
            self._browsers -= 1
        return socket

    async def _act(self, name: str, words: dict[str, Any]) -> str:
        """Have the cell do something; its sentence, or a WeldCellError."""
        pool = self._stops if name in ('stop', 'disarm', 'lease') else self._workers
        act = partial(getattr(self._cell, name), **words)
        said: str = await self._loop.run_in_executor(pool, act)
        return said

    async def _stop(self, _: web.Request) -> web.Response:
        return web.json_response({'say': await self._act('stop', {})})

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(text=metrics_text(self._board), headers={'Content-Type': CONTENT_TYPE})

    async def _read(self, read: Callable[..., Any], *which: int) -> Any:
        return await self._loop.run_in_executor(self._workers, read, *which)

    async def _records(self, request: web.Request) -> web.Response:
        below = request.query.get('below', '0')
        if not (below.isascii() and below.isdecimal() and len(below) <= MOST_DIGITS):
            raise web.HTTPBadRequest(reason='below: expected the number of a record.')
        return web.json_response(await self._read(self._welds.newest, int(below)))

    async def _record(self, request: web.Request) -> web.Response:
        return web.json_response(await self._read(self._welds.record, int(request.match_info['number'])))

    async def _picture(self, request: web.Request) -> web.Response:
        which = int(request.match_info['number']), int(request.match_info['place'])
        return web.Response(body=await self._read(self._welds.picture, *which), content_type='image/png')

    async def _report(self, request: web.Request) -> web.Response:
        number = int(request.match_info['number'])
        name = f'attachment; filename="weld_{number}.pdf"'
        body = await self._read(self._welds.report, number)
        return web.Response(body=body, content_type='application/pdf', headers={'Content-Disposition': name})


def _refusal(status: int, say: str) -> web.Response:
    return web.json_response({'say': say}, status=status)


async def _words(request: web.Request) -> dict[str, Any]:
    """The named words of a request; none where it is no JSON object."""
    try:
        words = json.loads(await request.text())
    except (ValueError, RecursionError):
        return {}
    return words if isinstance(words, dict) else {}


def _tls_of(settings: PageSettings) -> ssl.SSLContext | None:
    if not settings.tls_certificate:
        if settings.tls_key:
            raise ConfigurationError('page.tls_key is given without a certificate.', 'Set page.tls_certificate too.')
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key or None, password=lambda: '')
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f'{settings.tls_certificate} {settings.tls_key}'.strip() + f': no certificate with its key ({error}).',
            'Name PEM files by page.tls_certificate and page.tls_key; the key without a passphrase.',
        ) from error
    return context


def _not_served(settings: PageSettings, error: OSError) -> PageError:
    where = f'{settings.host}:{settings.port}'
    if error.errno == errno.EADDRINUSE:
        return PageError(
            f'{where} is taken: another operator page, or another program, listens there.',
            'End that one, or set page.port (page_port:= of cell.launch.xml).',
        )
    return PageError(
        f'The page cannot listen on {where} ({error.strerror or error}).', 'Correct page.host, page.port.'
    )
