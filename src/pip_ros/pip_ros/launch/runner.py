"""Starts the planned processes, watches them, and sees to it that none is left behind.

Every child leads a session of its own, so Ctrl-C reaches it once and from here only. On shutdown each child gets
SIGINT, after its patience SIGTERM, after that SIGKILL; a further Ctrl-C takes the next step at once. What a
child leaves running in its session is killed with it. If the launcher itself is killed, the kernel
kills the children (PR_SET_PDEATHSIG).
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Sequence

from pip_ros.launch.log import LaunchLog
from pip_ros.launch.scope import ProcessPlan

_PR_SET_PDEATHSIG = 1
_REAP_S = 0.005
_DRAIN_S = 1.0  # for output that is still in the pipes of a dead process


class Launcher:
    """Runs a plan until every process has ended.

    Args:
        plans: The processes, started in this order.
        log: Where lines go.
    """

    def __init__(self, plans: Sequence[ProcessPlan], log: LaunchLog) -> None:
        self._plans = plans
        self._log = log
        self._exit_code = 0
        self._shutdown = asyncio.Event()
        self._step = asyncio.Event()  # set by a further Ctrl-C: do not wait any longer

    async def run(self) -> int:
        """Run to the end.

        Returns:
            Exit code: 0 also if processes died or Ctrl-C came; 1 if the launcher was asked to terminate.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._on_interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            loop.add_signal_handler(number, self._on_terminate, number)
        await asyncio.gather(*(self._keep_running(plan) for plan in self._plans))
        return self._exit_code

    def _on_interrupt(self) -> None:
        if self._shutdown.is_set():
            self._log.warning('launch', 'user interrupted with ctrl-c (SIGINT) again, escalating')
            self._step.set()
        else:
            self._log.warning('launch', 'user interrupted with ctrl-c (SIGINT)')
            self._shutdown.set()

    def _on_terminate(self, number: signal.Signals) -> None:
        self._log.error('launch', f'received {number.name}, ending all processes')
        self._exit_code = 1
        self._shutdown.set()

    async def _keep_running(self, plan: ProcessPlan) -> None:
        """Start the process, again and again where it is to be respawned."""
        retries = 0
        while not self._shutdown.is_set():
            if not await self._run_once(plan):
                return
            if plan.shutdown_on_exit and not self._shutdown.is_set():
                self._log.info('launch', f'process[{plan.label}] was required: shutting down launched system')
                self._shutdown.set()
            if not plan.respawn or 0 <= plan.respawn_max_retries <= retries:
                return
            retries += 1
            await _happens_within(plan.respawn_delay_s, self._shutdown)

    async def _run_once(self, plan: ProcessPlan) -> bool:
        """Run the process once; False if it could not be started."""
        self._log.debug(plan.label, f'command: {" ".join(plan.command)}')
        try:
            process = await _start(plan)
        except OSError as error:
            self._log.error(plan.label, f'exception occurred while executing process: {error}')
            return False
        self._log.info(plan.label, f'process started with pid [{process.pid}]')
        pumps = [
            asyncio.create_task(self._pump(plan, 'out', process.stdout)),
            asyncio.create_task(self._pump(plan, 'err', process.stderr)),
        ]
        ending = asyncio.create_task(self._end_on_shutdown(plan, process))
        code = await _exit_code(process)
        _signal_session(process.pid, signal.SIGKILL)
        ending.cancel()
        await asyncio.wait(pumps, timeout=_DRAIN_S)
        self._report(plan, process.pid, code)
        return True

    def _report(self, plan: ProcessPlan, pid: int, code: int) -> None:
        if code == 0:
            self._log.info(plan.label, f'process has finished cleanly [pid {pid}]')
            return
        command = ' '.join(word for word in plan.command if word.strip())
        self._log.error(plan.label, f"process has died [pid {pid}, exit code {code}, cmd '{command}'].")

    async def _pump(self, plan: ProcessPlan, stream: str, reader: asyncio.StreamReader | None) -> None:
        """Pass the lines of a process on as they come; a last line without an end counts too."""
        assert reader is not None  # the process is started with pipes
        rest = b''
        while chunk := await reader.read(1 << 16):
            *lines, rest = (rest + chunk).split(b'\n')
            for line in lines:
                self._log.process_line(plan.label, stream, plan.output, line.decode(errors='replace'))
        if rest:
            self._log.process_line(plan.label, stream, plan.output, rest.decode(errors='replace'))

    async def _end_on_shutdown(self, plan: ProcessPlan, process: asyncio.subprocess.Process) -> None:
        """Wait for the shutdown, then end the process; cancelled as soon as it has ended."""
        await self._shutdown.wait()
        self._send(plan, process, signal.SIGINT)
        for sent, next_one, patience_s in (
            (signal.SIGINT, signal.SIGTERM, plan.sigterm_timeout_s),
            (signal.SIGTERM, signal.SIGKILL, plan.sigkill_timeout_s),
        ):
            self._step.clear()
            if not await _happens_within(patience_s, self._step):
                self._log.error(
                    plan.label,
                    f"process[{plan.label}] failed to terminate '{patience_s}' seconds after receiving "
                    f"'{sent.name}', escalating to '{next_one.name}'",
                )
            self._send(plan, process, next_one)

    def _send(self, plan: ProcessPlan, process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        self._log.info(plan.label, f"sending signal '{number.name}' to process[{plan.label}]")
        _signal_session(process.pid, number)


async def _happens_within(timeout_s: float, event: asyncio.Event) -> bool:
    """Wait for the event, at most so long; whether it happened."""
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return False
    return True


async def _start(plan: ProcessPlan) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *plan.command,
        cwd=plan.cwd,
        env={'PYTHONUNBUFFERED': '1', **plan.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()),
    )


async def _exit_code(process: asyncio.subprocess.Process) -> int:
    """Wait for the process alone: asyncio's own wait goes on while a grandchild holds its pipes (Python 3.11)."""
    with contextlib.suppress(ProcessLookupError):  # asyncio was quicker
        await _readable(os.pidfd_open(process.pid))
    while process.returncode is None:  # asyncio reaps it in a moment
        await asyncio.sleep(_REAP_S)
    return process.returncode


async def _readable(descriptor: int) -> None:
    """Wait until a descriptor can be read, and close it."""
    ready, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _die_with(parent: int) -> Callable[[], None]:
    """A function for the child, between fork and exec: have the kernel kill it when its parent dies."""
    libc = ctypes.CDLL(None, use_errno=True)  # loaded here: after the fork the loader's lock may be held

    def set_death_signal() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call
            os._exit(1)

    return set_death_signal


def _signal_session(pid: int, number: signal.Signals) -> None:
    """Signal a process and all that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
