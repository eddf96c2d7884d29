"""Joint type from the stripe profile: features, support vector machine, vote (Zeng et al. 2020).

Training and evaluation need scikit-learn and are imported by their own names.
"""

from weld_cell.joint_type.classifier import JointTypeClassifier
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.joint_type.vote import JointTypeVote

__all__ = ['JointTypeClassifier', 'JointTypeSettings', 'JointTypeVote']
