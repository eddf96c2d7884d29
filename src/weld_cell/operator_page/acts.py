"""What a person can do on the page, and why he cannot now."""

from typing import Any, Protocol

RESTING = ('idle', 'done', 'fault')
NOT_HERE = 'Waiting for the cell: cell_supervisor is not to be heard.'


class Cell(Protocol):
    """The cell behind the page. Each act returns a sentence, or raises a WeldCellError that says why not."""

    def start(self) -> str:
        """Begin a cycle."""

    def stop(self) -> str:
        """Brake, and end the cycle."""

    def approve(self, plan: int, operator: str) -> str:
        """Approve the plan of this number."""

    def arm(self, plan: int, operator: str, lease: str) -> str:
        """Arm its arc; who does so is heard by this word from now on."""

    def disarm(self) -> str:
        """Take the arming back."""

    def lease(self, word: str) -> None:
        """Who armed is still there."""


def reasons(cell: dict[str, Any], approval: dict[str, Any]) -> dict[str, str]:
    """Why each act is not possible now; an empty text where it is.

    Args:
        cell: What is known of the cell: stage, and what is missing of it.
        approval: How the approval stands: state, mode, approved_by, armed_by.
    """
    stage = cell.get('stage')
    if stage is None:
        return {'start': NOT_HERE, 'stop': '', 'approve': NOT_HERE, 'arm': NOT_HERE}
    return {
        'start': _not_started(stage, cell.get('missing', '')),
        'stop': '',
        'approve': _not_approved(approval),
        'arm': _not_armed(approval),
    }


def _not_started(stage: str, missing: str) -> str:
    if stage not in RESTING:
        return f'A cycle is under way: {stage}.'
    return f'Not ready. Missing: {missing}.' if missing else ''


def _not_approved(approval: dict[str, Any]) -> str:
    state = approval.get('state', 'none')
    if state == 'awaited':
        return ''
    if state in ('approved', 'armed', 'welding'):
        return f'Approved by {approval.get("approved_by")}.'
    return 'No plan waits for approval.'


def _not_armed(approval: dict[str, Any]) -> str:
    state = approval.get('state', 'none')
    if state != 'none' and approval.get('mode') == 'dry run':
        return 'Dry run: the cell was started without armed:=true.'
    if state == 'approved':
        return ''
    if state in ('armed', 'welding'):
        return f'Armed by {approval.get("armed_by")}.'
    return 'Approve the path first.' if state == 'awaited' else 'No approved plan.'
