"""Pictures of the operator's page: a simulated weld in a real browser; docs/operator_page.png is one of them.

    python docs/make_page_pictures.py [--all FOLDER]      two minutes; needs aiohttp and chromium

Looked at by eye: every state in light and dark, on a screen, a tablet and a phone.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / 'tests' / 'graph'))

from devtools import Chromium, Page  # noqa: E402
from page_ways import RESTS, STAGE, agree, approve, ask, hold_to_arm, open_newest_record  # noqa: E402

from weld_cell.domain import claim_domain, loopback_environment  # noqa: E402

PICTURE = DOCS / 'operator_page.png'
PORT = 8139
SIZES = {'screen': (1280, 800), 'tablet': (1024, 768), 'phone': (390, 844)}
COLOURS = 96
SETTLED_S = 0.8
CELL = ('ros2', 'launch', 'weld_cell', 'cell.launch.xml', 'source:=sim', 'part:=true', 'armed:=true')


def main() -> int:
    """Weld once, and take the pictures on the way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--all', type=Path, help='folder for every picture')
    folder = parser.parse_args().all
    domain, claim = claim_domain()
    os.environ.update(loopback_environment(domain))
    with tempfile.TemporaryDirectory() as scratch:
        words = ('operator_page:=true', f'page_port:={PORT}', f'records:={scratch}/records')
        launch = subprocess.Popen([*CELL, *words], pass_fds=[claim], start_new_session=True, stdout=sys.stderr)
        browser = Chromium(f'{scratch}/chromium')
        try:
            _weld(_opened(browser), folder)
        finally:
            browser.close()
            launch.send_signal(signal.SIGINT)
            launch.wait(60.0)
    return 0


def _opened(browser: Chromium) -> Page:
    """The page, once the cell is complete."""
    while True:
        page = browser.open(f'http://127.0.0.1:{PORT}')
        time.sleep(2.0)
        if page.value('typeof known !== "undefined"'):
            page.wait(f'{RESTS} && ["seam_detector", "part_identifier"].every((name) => {_KNOWN})')
            return page
        page.close()


_KNOWN = 'known.nodes.nodes.some((row) => row.name === name)'


def _weld(page: Page, folder: Path | None) -> None:
    page.value('localStorage.setItem("operator", "Anna Berg"); find("operator").value = "Anna Berg"')
    _shoot(page, folder, 'idle')
    ask(page, '#start')
    _shoot(page, folder, 'sure')
    agree(page)
    page.wait(f'{STAGE} === "track" && known.seam && known.seam.points > 60')
    _shoot(page, folder, 'track')
    page.wait(f'{STAGE} === "approve"')
    page.value('find("view").click()')
    approve(page)
    page.wait('find("toast").hidden')
    page.value('scrollTo(0, 0)')
    time.sleep(SETTLED_S)
    page.screenshot(PICTURE)
    _shrink(PICTURE)
    _shoot(page, folder, 'approved')
    hold_to_arm(page)
    _shoot(page, folder, 'weld')
    page.wait(RESTS)
    _shoot(page, folder, 'done')
    open_newest_record(page)
    _shoot(page, folder, 'record')
    page.value('find("record").hidden = true; scrollTo(0, 0)')
    _shoot(page, folder, 'records')
    page.click('[data-tab=nodes]')
    _shoot(page, folder, 'nodes')


def _shoot(page: Page, folder: Path | None, name: str) -> None:
    """A state in every size, light and dark."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for size, size_px in SIZES.items():
        for dark in (False, True):
            page.show(size_px, dark)
            time.sleep(SETTLED_S)
            page.screenshot(folder / f'{name}_{size}_{"dark" if dark else "light"}.png')
    page.show(SIZES['screen'], False)


def _shrink(path: Path) -> None:
    """Fewer colours: a picture of a page needs no more."""
    with Image.open(path) as picture:
        few = picture.convert('RGB').quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == '__main__':
    sys.exit(main())
