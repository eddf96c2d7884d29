"""A real Chromium without a window, driven by its DevTools protocol through aiohttp's web socket."""

import asyncio
import base64
import json
import re
import shutil
import subprocess
import time
from itertools import count

import aiohttp

CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
PATIENCE_S = 240.0
ADDRESS = re.compile(r'DevTools listening on (ws://\S+)')
FLAGS = (
    '--headless=new',
    '--no-sandbox',  # as root there is none
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-extensions',
    '--disable-background-networking',
    '--no-first-run',
    '--hide-scrollbars',
    '--remote-debugging-port=0',
)


class Chromium:
    """A browser process; `close` ends it."""

    def __init__(self, folder):
        self._loop = asyncio.new_event_loop()
        self._process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f'--user-data-dir={folder}', 'about:blank'],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._numbers, self._answers, self.events = count(1), {}, []
        self._loop.run_until_complete(self._connect())

    async def _connect(self):
        for line in self._process.stderr:
            if found := ADDRESS.search(line):
                break
        else:
            raise AssertionError('chromium has not started')
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(found[1], max_msg_size=0)

    def call(self, method, session=None, **parameters):
        """Call a method of the protocol and return its result."""
        return self._loop.run_until_complete(self._call(method, session, parameters))

    async def _call(self, method, session, parameters):
        number = next(self._numbers)
        words = {'id': number, 'method': method, 'params': parameters}
        await self._socket.send_str(json.dumps(words | ({'sessionId': session} if session else {})))
        while number not in self._answers:
            message = json.loads((await self._socket.receive(PATIENCE_S)).data)
            if 'id' in message:
                self._answers[message['id']] = message
            else:
                self.events.append(message)
        answer = self._answers.pop(number)
        assert 'error' not in answer, (method, answer)
        return answer['result']

    def open(self, address, size_px=(1280, 800), dark=False, person=None):
        """A page in a window of its own; of a person of his own, who shares no cookies with others."""
        context = person or self.call('Target.createBrowserContext')['browserContextId']
        target = self.call('Target.createTarget', url='about:blank', browserContextId=context)['targetId']
        session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        page = Page(self, session, target)
        page.call('Page.enable')
        page.call('Runtime.enable')
        page.show(size_px, dark)
        page.call('Page.navigate', url=address)
        return page

    def close(self):
        self._loop.run_until_complete(self._http.close())
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        self._process.stderr.close()
        self._loop.close()


class Page:
    """A tab."""

    def __init__(self, browser, session, target):
        self._browser, self._session, self._target = browser, session, target

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def show(self, size_px, dark):
        """In a window of this size, light or dark."""
        width, height = size_px
        mobile = width < 600
        self.call(
            'Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=mobile
        )
        scheme = {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}
        self.call('Emulation.setEmulatedMedia', features=[scheme])

    def value(self, expression):
        """Of a JavaScript expression, promises awaited."""
        told = self.call('Runtime.evaluate', expression=expression, awaitPromise=True, returnByValue=True)
        assert 'exceptionDetails' not in told, told['exceptionDetails']
        return told['result'].get('value')

    def wait(self, expression, timeout_s=PATIENCE_S):
        """Wait until a JavaScript expression is true; one that cannot be evaluated yet is not."""
        end = time.monotonic() + timeout_s
        while not self.value(f'(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()'):
            assert time.monotonic() < end, f'in vain: {expression}; {self.value("document.body.innerText")}'
            time.sleep(0.1)

    def text(self, place):
        return self.value(f'document.querySelector({place!r}).innerText')

    def place(self, where):
        """Middle of an element in the window, once it may be clicked."""
        self.wait(f'document.querySelector({where!r}) && !document.querySelector({where!r}).disabled')
        self.value(f'document.querySelector({where!r}).scrollIntoView({{block: "center"}})')
        box = self.value(f'JSON.stringify(document.querySelector({where!r}).getBoundingClientRect())')
        box = json.loads(box)
        assert box['width'] > 0, where
        return box['x'] + box['width'] / 2, box['y'] + box['height'] / 2

    def _mouse(self, kind, x, y):
        self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def click(self, where, hold_s=0.0):
        """With the mouse, as a person does."""
        x, y = self.place(where)
        self._mouse('mousePressed', x, y)
        time.sleep(hold_s)
        self._mouse('mouseReleased', x, y)

    def type(self, where, text):
        self.click(where)
        self.call('Input.insertText', text=text)

    def screenshot(self, path, whole=False):
        told = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told['data']))

    def errors(self):
        """What went wrong in the page's own scripts."""
        return [
            event['params']
            for event in self._browser.events
            if event.get('sessionId') == self._session and event['method'] == 'Runtime.exceptionThrown'
        ]

    def close(self):
        self._browser.call('Target.closeTarget', targetId=self._target)
