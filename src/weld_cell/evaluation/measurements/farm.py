"""Many recordings: how much workers gain, what they keep in memory, what the recordings of a plant take."""

from weld_cell.evaluation.figures import Figure, Measurement, Unit, at_least, at_most
from weld_cell.evaluation.measurements.units import PERCENT, RATIO

_GAIN = 'Seconds of one process over those of the other way, over the same bags in turns; all are warmed up.'
_BY_PROCESSOR = 'The same by the processor time of all processes: what cores that nobody else uses would give.'

FARM = Measurement(
    'farm',
    'Replay of many recordings',
    'python benchmarks/farm.py',
    'Two workers on this machine, 200 bags of 400 images of the simulated cell, read from the page cache.',
    (
        Figure('speedup', 'two workers against one process, 200 bags', _GAIN, RATIO, aim=at_least(1.8)),
        Figure('speedup_by_processor_time', 'the same by processor time', _BY_PROCESSOR, RATIO),
        Figure(
            'processes_speedup',
            'two processes without Dask against one, the same bags',
            'What cores and memory of the machine allow; without a table of results.',
            RATIO,
            'processes.speedup',
        ),
        Figure(
            'client_percent',
            'processor time of client and scheduler',
            'Of the processor time of all processes of the farm.',
            PERCENT,
        ),
        Figure(
            'memory_change_percent',
            "200 bags, change of a worker's memory",
            'Resident memory after a bag: median of the last tenth of its bags against that of the first tenth.',
            PERCENT,
            aim=at_most(5),
        ),
        Figure(
            'plant_core_hours',
            '10,000 recordings of 400 images, work',
            'Processor time of a bag on the farm, times 10,000.',
            Unit('core hours', 2),
            'plant.core_hours',
        ),
    ),
    slow=True,
)
