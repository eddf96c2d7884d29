"""Picture of a tracked weld: commanded correction, and error against the true seam."""

from pathlib import Path

import matplotlib

matplotlib.use('Agg')  # a cell PC has no screen
import matplotlib.pyplot as plt

from weld_cell.records import FloatArray

TOLD, ERROR, WITHOUT, MUTED = '#1d5fbf', '#b3261e', '#55606e', '#8a939e'


def draw_tracking(
    along_mm: FloatArray,
    told_mm: FloatArray,
    errors_mm: FloatArray,
    uncorrected_mm: FloatArray,
    blind_from: int,
    path: Path,
) -> None:
    """Correction and error along the seam.

    Args:
        along_mm: (n,) where the tool was.
        told_mm: (n, 2) its correction to the left and upwards.
        errors_mm: (n,) its distance from the true seam.
        uncorrected_mm: (n,) the same had it not been corrected.
        blind_from: From which row on the sensor no longer saw the seam.
        path: Of the picture.
    """
    figure, (course, error) = plt.subplots(2, 1, figsize=(11, 5.6), layout='constrained', sharex=True)
    course.plot(along_mm, uncorrected_mm, '--', color=WITHOUT, label='true seam from the scanned one')
    course.plot(along_mm, (told_mm**2).sum(axis=1) ** 0.5, color=TOLD, label='correction of the tool')
    course.plot(along_mm, told_mm[:, 0], ':', color=TOLD, lw=1, label='to the left')
    course.plot(along_mm, told_mm[:, 1], '-.', color=TOLD, lw=1, label='upwards')
    course.set(ylabel='mm', title='Course')
    error.plot(along_mm, errors_mm, color=ERROR, label='tool from the true seam')
    error.set(xlabel='along the seam (mm)', ylabel='mm', ylim=(0, 1.1 * max(0.2, float(errors_mm.max()))))
    for axes in (course, error):
        if blind_from < len(along_mm):
            axes.axvspan(along_mm[blind_from], along_mm[-1], color=MUTED, alpha=0.2, label='beyond the sensor')
        axes.grid(alpha=0.3)
        axes.legend(loc='upper left', bbox_to_anchor=(1.0, 1.0), fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)
