"""The laser stripe: one centre for each image row, by the strongest continuous ridge or the paper's method."""

from weld_cell.stripe.extractor import extract_stripe
from weld_cell.stripe.finder import StripeFinder
from weld_cell.stripe.settings import StripeSettings

__all__ = ['StripeFinder', 'StripeSettings', 'extract_stripe']
