"""Commands in a checkout that is set up, and what they cost."""

import os
import subprocess
import sys
import time
from pathlib import Path

from weld_cell.domain import claim_domain, loopback_environment

HERE = Path(__file__).parents[1]

Figures = dict[str, float]


def environment(checkout: Path, domain: int) -> dict[str, str]:
    """As `make` sets it."""
    prefix = checkout / '.venv'
    loopback = loopback_environment(domain)
    return {
        **loopback,
        'PATH': f'{prefix / "bin"}:{loopback["PATH"]}',
        'AMENT_PREFIX_PATH': str(prefix),
        'PYTHONUNBUFFERED': '1',
        'PYTHONDONTWRITEBYTECODE': '',
    }


def spent(command: list[str], checkout: Path) -> Figures:
    """Wall and processor time of a command with all its children, and its exit code."""
    domain, claim = claim_domain()
    began_s = time.monotonic()
    process = subprocess.Popen(
        command, cwd=checkout, env=environment(checkout, domain), pass_fds=[claim], stdout=sys.stderr
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.monotonic() - began_s
    os.close(claim)
    return {'wall_s': wall_s, 'cpu_s': used.ru_utime + used.ru_stime, 'exit_code': process.returncode}
