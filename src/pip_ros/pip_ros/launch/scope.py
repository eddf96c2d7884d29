"""What a launch file can see and change while it is evaluated, and the plan that comes out."""

from dataclasses import dataclass, field
from pathlib import Path

# Seconds from SIGINT to SIGTERM, and from SIGTERM to SIGKILL.
DEFAULT_PATIENCE_S = 5.0


@dataclass(frozen=True)
class ProcessPlan:
    """One process to start, everything in it resolved.

    Attributes:
        label: Name in the log, with a running number, for instance ``joint_type-3``.
        command: Program and arguments.
        environment: The whole environment of the process.
        cwd: Folder to start it in, or None for the launcher's.
        output: Where its lines go: screen, log, both, own_log or full.
        respawn: Start it again when it ends.
        respawn_delay_s: Wait before that.
        respawn_max_retries: At most so many times; negative is without limit.
        shutdown_on_exit: When it ends, everything ends.
        sigterm_timeout_s: Patience after SIGINT.
        sigkill_timeout_s: Patience after SIGTERM.
        node_name: Full name of the node, where the launch file gives it.
    """

    label: str
    command: tuple[str, ...]
    environment: dict[str, str]
    cwd: str | None = None
    output: str = 'log'
    respawn: bool = False
    respawn_delay_s: float = 0.0
    respawn_max_retries: int = -1
    shutdown_on_exit: bool = False
    sigterm_timeout_s: float = DEFAULT_PATIENCE_S
    sigkill_timeout_s: float = DEFAULT_PATIENCE_S
    node_name: str | None = None


@dataclass
class Scope:
    """State of an evaluation.

    Attributes:
        configurations: Launch configurations: arguments and what ``<let>`` sets.
        environment: Environment for substitutions and processes.
        file: The launch file that was entered last. As in Jazzy it stays set after an ``<include>``, so
            ``$(dirname)`` behind one is the folder of the included file.
        scratch: Folder for parameter files.
        processes: The plan so far.
        warnings: What to tell the user before the start.
    """

    configurations: dict[str, str]
    environment: dict[str, str]
    file: str
    scratch: Path
    processes: list[ProcessPlan] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def new_file(self, text: str) -> Path:
        """Write a parameter file that lives as long as the launch."""
        path = self.scratch / f'launch_params_{len(list(self.scratch.iterdir()))}'
        path.write_text(text)
        return path
