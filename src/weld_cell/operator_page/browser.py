"""One browser on the page: what it is sent, and what it asks for.

A message that is not understood is answered with what is wrong with it; many of them end the connection.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from weld_cell.errors import WeldCellError
from weld_cell.operator_page.board import Board

MOST_LETTERS = 4096
PERIOD_S = 0.2
MOST_NONSENSE = 20
PLACES = {'laser': b'L', 'area': b'A'}
"""With which letter a picture's message begins."""
ACTS = ('start', 'stop', 'approve', 'arm', 'disarm')
UNDERSTOOD = ', '.join(('here', 'watch', *ACTS))
MOST_QUOTED, MOST_DIGITS = 40, 20
PUBLIC = {'cell', 'acts'}
"""Sections that need no session."""
Act = Callable[[str, dict[str, Any]], Awaitable[str]]


class Browser:
    """Serves one web socket. Who armed the arc through it holds the lease by it: it ends with the connection.

    Args:
        socket: Prepared.
        board: What is shown.
        act: Has the cell do something.
        picture_s: Between two pictures.
    """

    def __init__(self, socket: web.WebSocketResponse, board: Board, act: Act, picture_s: float) -> None:
        self._socket, self._board, self._act, self._picture_s = socket, board, act, picture_s
        self._signed_in = self._watches = False
        self._lease = ''
        self._busy: set[asyncio.Task[None]] = set()
        self._nonsense = 0

    async def serve(self, signed_in: bool, end: asyncio.Event) -> None:
        """Until it is gone, or the page ends."""
        self._signed_in = signed_in
        tasks = [asyncio.create_task(each) for each in (self._send(), self._receive(), end.wait())]
        try:
            await self._say({'kind': 'hello', 'signed_in': signed_in})
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._watch(False)
            await self._release()
            with suppress(ConnectionError, RuntimeError):
                await self._socket.close()

    async def _release(self) -> None:
        if self._lease:
            self._lease = ''
            with suppress(WeldCellError):
                await self._act('disarm', {})

    # Out

    async def _send(self) -> None:
        sections: dict[str, int] = {}
        pictures: dict[str, int] = {}
        next_picture_s, clock_s = 0.0, asyncio.get_running_loop().time
        while True:
            news = self._board.changed(sections)
            if not self._signed_in:
                news = {name: section for name, section in news.items() if name in PUBLIC}
            if news:
                await self._say({'kind': 'news', **news})
            if self._watches and clock_s() >= next_picture_s:
                next_picture_s = clock_s() + self._picture_s
                for place, jpeg in self._board.new_pictures(pictures).items():
                    await self._socket.send_bytes(PLACES[place] + jpeg)
            await asyncio.sleep(PERIOD_S)

    async def _say(self, words: dict[str, Any]) -> None:
        await self._socket.send_str(json.dumps(words))

    # In

    async def _receive(self) -> None:
        async for message in self._socket:
            words: dict[str, Any] = {}
            try:
                words = _words_of(message)
                await self._take(words)
            except ValueError as error:
                self._nonsense += 1
                await self._answer(words, {'ok': False, 'say': f'The page does not understand this: {error}.'})
            if self._nonsense > MOST_NONSENSE:
                await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b'nonsense')

    async def _take(self, words: dict[str, Any]) -> None:
        """Do what was asked for.

        Raises:
            ValueError: what is wrong with the message.
        """
        what = words.get('do')
        if what == 'here':
            if self._lease:
                await self._act('lease', {'word': self._lease})
        elif what == 'watch':
            self._watch(_switch(words, 'on') and self._signed_in)
        elif what in ACTS:
            self._begin(what, words, _arguments(what, words))
            return
        elif 'do' in words:
            raise ValueError(f'"do" is {_quoted(what)}, expected one of {UNDERSTOOD}')
        else:
            raise ValueError(f'it has no "do"; expected one of {UNDERSTOOD}')
        if 'ask' in words:
            await self._answer(words, {'ok': True, 'say': ''})

    def _begin(self, what: str, words: dict[str, Any], arguments: dict[str, Any]) -> None:
        task = asyncio.create_task(self._do_and_answer(what, words, arguments))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _do_and_answer(self, what: str, words: dict[str, Any], arguments: dict[str, Any]) -> None:
        try:
            said = {'ok': True, 'say': await self._do(what, arguments)}
        except WeldCellError as error:
            said = {'ok': False, 'say': str(error)}
        await self._answer(words, said)

    async def _answer(self, words: dict[str, Any], said: dict[str, Any]) -> None:
        """Answer a message, with its own "ask" so that who sent it knows which one is answered."""
        with suppress(ConnectionError, RuntimeError):
            await self._say({'kind': 'answer', 'ask': words.get('ask'), 'what': words.get('do'), **said})

    async def _do(self, what: str, arguments: dict[str, Any]) -> str:
        if what not in ('stop', 'disarm') and not self._signed_in:
            raise WeldCellError('Sign in first.', 'Only stop needs no password.')
        if what not in ('stop', 'disarm') and len(self._busy) > 1:
            raise WeldCellError('The act before this one has not ended yet.', 'Wait for its answer.')
        if what != 'arm':
            return await self._act(what, arguments)
        lease = secrets.token_hex(16)
        said = await self._act('arm', {**arguments, 'lease': lease})
        self._lease = lease
        if self._socket.closed:  # gone meanwhile
            await self._release()
        return said

    def _watch(self, on: bool) -> None:
        if on != self._watches:
            self._watches = on
            self._board.watch(1 if on else -1)


def _words_of(message: WSMessage) -> dict[str, Any]:
    """The named words of a message.

    Raises:
        ValueError: it is no JSON object.
    """
    if message.type is not WSMsgType.TEXT:
        raise ValueError('it is no text, expected a JSON object')
    try:
        words = json.loads(message.data)
    except (ValueError, RecursionError) as error:
        raise ValueError('it is no JSON, expected a JSON object') from error
    if not isinstance(words, dict):
        raise ValueError(f'it is {_quoted(words)}, expected a JSON object')
    return words


def _arguments(what: str, words: dict[str, Any]) -> dict[str, Any]:
    """What an act needs.

    Raises:
        ValueError: it is not told, or is none.
    """
    if what not in ('approve', 'arm'):
        return {}
    plan = _text_of(words, what, 'plan')
    if not (plan.isascii() and plan.isdigit() and len(plan) < MOST_DIGITS):
        raise ValueError(f'"plan" of {what} is {_quoted(plan)}, expected the number of a plan of cell/approval')
    return {'plan': int(plan), 'operator': _text_of(words, what, 'operator')}


def _text_of(words: dict[str, Any], what: str, name: str) -> str:
    if name not in words:
        raise ValueError(f'{what} needs "{name}"')
    text = words[name]
    if not isinstance(text, str):
        raise ValueError(f'"{name}" of {what} is {_quoted(text)}, expected a text')
    return text


def _switch(words: dict[str, Any], name: str) -> bool:
    value = words.get(name)
    if not isinstance(value, bool):
        raise ValueError(f'"{name}" of {words["do"]} is {_quoted(value)}, expected true or false')
    return value


def _quoted(value: Any) -> str:
    """A value as JSON, not longer than a person reads."""
    text = json.dumps(value)
    return text if len(text) <= MOST_QUOTED else f'{text[:MOST_QUOTED]}...'
