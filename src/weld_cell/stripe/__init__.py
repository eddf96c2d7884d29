"""The laser stripe: one centre for each image row, by the paper's chain or by the strongest continuous ridge."""

from weld_cell.stripe.extractor import extract_stripe
from weld_cell.stripe.settings import StripeSettings

__all__ = ['StripeSettings', 'extract_stripe']
