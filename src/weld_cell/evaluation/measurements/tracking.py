"""How well a weld follows a seam that moves while it is welded."""

from weld_cell.evaluation.figures import Figure, Measurement, at_most
from weld_cell.evaluation.measurements.units import MILLIMETRES, MILLISECONDS, PERCENT

_RMS = 'Root mean square of the distance of the wire from the true seam as it lies at that time, every 25 ms.'
_LATENCY = (
    'Processor time from an image in memory to the corrected trajectory, and the time until it takes over; the graph '
    'adds its transport.'
)

TRACKING = Measurement(
    'tracking',
    'Seam tracking while welding',
    'weld_cell evaluate tracking',
    'Simulated welds of 100 mm, one of each of the six joint types, straight and curved in turn, on a workpiece that '
    'moves by 3 mm at up to 1 mm/s after its scan (heat, a clamp that slips, a bend that opens), with spatter and '
    'arc light. The sensor looks 30 mm ahead; figures hold for the seam up to there, the last 30 mm stand apart.',
    (
        Figure(
            'rms_mm_straight', 'tool to moving seam, straight, RMS', _RMS, MILLIMETRES, aim=at_most(0.10), paper=0.2
        ),
        Figure('rms_mm_curved', 'tool to moving seam, curved, RMS', _RMS, MILLIMETRES, aim=at_most(0.15), paper=0.3),
        Figure(
            'worst_mm',
            'the same, worst',
            'Largest of these distances over all welds.',
            MILLIMETRES,
            aim=at_most(0.5),
        ),
        Figure('uncorrected_rms_mm', 'the same welds without correction, RMS', _RMS, MILLIMETRES),
        Figure(
            'blind_rms_mm',
            'the last 30 mm of a seam, that the sensor has left, RMS',
            'As above; the workpiece is taken to go on as it went, for a while.',
            MILLIMETRES,
        ),
        Figure(
            'speed_error_pct',
            'tool speed while it is corrected, largest deviation',
            "Over 25 ms, between the blends at the weld's ends.",
            PERCENT,
            aim=at_most(2.0),
        ),
        Figure(
            'latency_p99',
            'image to changed course, p99',
            _LATENCY,
            MILLISECONDS,
            path='latency_ms.p99',
            aim=at_most(50.0),
        ),
        Figure('welded', 'welds to the end, the others stopped', 'Of all runs.', total_path='total'),
    ),
    publisher='as stated of an ABB robot with a TH6D seam sensor, 20 Hz',
)
