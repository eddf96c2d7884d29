"""Settings of the stage joint_type."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice, text

FEATURE_SETS = ('paper', 'extended')
FEATURE_POINT_RULES = ('class_change', 'slope_above_one')
DEEPER = ('larger_columns', 'smaller_columns')


@dataclass(frozen=True)
class JointTypeSettings(Settings):
    """How an image's joint type is told, and how the first images vote."""

    feature_set: str = choice(
        'extended', FEATURE_SETS, 'Features: the seven of the paper, or these and ours after them'
    )
    feature_point_rule: str = choice(
        'class_change',
        FEATURE_POINT_RULES,
        'Feature points: where the slope class changes by one (equation), or where the slope exceeds 1 (text)',
    )
    deeper: str = choice(
        'larger_columns',
        DEEPER,
        'Where the stripe moves when the surface is farther away; by how the sensor is built',
    )
    assumed_row_mm: float = bounded(
        0.15, 0.005, 2.0, 'mm', 'Of a sensor that is not calibrated: how far rows are apart on the workpiece'
    )
    assumed_column_mm: float = bounded(
        0.30,
        0.005,
        4.0,
        'mm',
        'Of such a sensor: by how much the surface lies deeper for a column of the stripe',
    )
    model_file: str = text('', 'Trained model (.npz); empty: the one shipped for the feature set')
    vote_images: int = bounded(40, 1, 1000, 'images', 'Images that vote; the paper takes the first second')
    minimum_share: float = bounded(0.6, 0.0, 1.0, '', 'Share of the votes that the winner needs')
