"""Packages needed for training but not for running."""

from importlib.util import find_spec

from weld_cell.errors import TrainingError

PACKAGES = ('torch', 'onnxscript')


def require_training_packages() -> None:
    """To be called before a module that imports torch is imported, and before images are made for hours.

    Raises:
        TrainingError: a package is not installed.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise TrainingError(
            f'Training a network needs {" and ".join(missing)}, which is not installed here.',
            f'pip install {" ".join(PACKAGES)}; what is trained runs without them.',
        )
