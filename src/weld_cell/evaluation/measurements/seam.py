"""How well the seam is found in 3D."""

from weld_cell.evaluation.figures import Figure, Measurement, at_most
from weld_cell.evaluation.measurements.units import MILLIMETRES, MILLISECONDS

PATH_RMS = 'Root mean square of the distances of all points of the fitted paths from the true seam.'
FITTED = 'Scans that give a path; one whose seam points leave a doubt is refused with its reason.'


def seam(name: str, label: str, options: str = '', hard: bool = True, in_readme: bool = False) -> Measurement:
    """The seam in 3D over some scans; aims are set for the hard ones."""

    def rms(shape: str, aim_mm: float, paper_mm: float) -> Figure:
        aim, what = at_most(aim_mm) if hard else None, f'seam in 3D, {shape}, RMS'
        return Figure(f'rms_mm_{shape}', what, PATH_RMS, MILLIMETRES, aim=aim, paper=paper_mm, in_readme=in_readme)

    return Measurement(
        name,
        'Seam in 3D',
        f'weld_cell evaluate seam {options}'.rstrip(),
        'Simulated scans of the six joint types, the sensor held wrongly by up to 10 degrees and 20 mm, with '
        f'{"every hard effect at random" if hard else "the effects of a clean cell"}.',
        (
            rms('straight', 0.05, 0.2),
            rms('curved', 0.10, 0.3),
            Figure(
                'fitted',
                'seam paths fitted, the others refused',
                FITTED,
                total_path='total',
                in_readme=in_readme,
            ),
            Figure(
                'locate_ms_median',
                'seam point in one image, median',
                'Processor time from the stripe to the seam point.',
                MILLISECONDS,
            ),
        ),
        label,
        'as stated of an ABB robot with a TH6D seam sensor',
        section='figures/seam.md.j2',
    )
