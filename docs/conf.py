"""Sphinx configuration: the pages of docs/ and one API page for each package. Run by `make docs`."""

import importlib
import logging
import pkgutil
from pathlib import Path

import weld_cell

logging.getLogger('pint.util').setLevel(logging.ERROR)  # weldx redefines units, and pint warns about each

project = 'weld_cell'
author = 'weld_cell maintainers'
release = weld_cell.__version__
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon']  # viewcode makes a page of each source file
napoleon_use_ivar = True
autodoc_default_options = {'members': True, 'show-inheritance': True, 'ignore-module-all': True}
autodoc_class_signature = 'separated'  # else the fields of a dataclass are listed twice
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_type_aliases = {'FloatArray': 'FloatArray', 'ImageArray': 'ImageArray'}
autodoc_mock_imports = ['vmbpy']
exclude_patterns = ['figures/**', 'hard_effects/**']
html_theme = 'furo'
html_copy_source = False
html_title = f'weld_cell {release}'
myst_heading_anchors = 3
suppress_warnings = ['myst.xref_missing', 'ref.python', 'toc.not_included', 'docutils']

API = Path(__file__).parent / 'api'
NO_API = ('weld_cell.commands', 'weld_cell.nodes.entry', 'weld_cell.devices.allied_vision')
"""Described by `weld_cell --help`; made for entry points; needs a vendor's SDK."""


def write_api_pages() -> None:
    """Write a page for each package, with its modules one after the other.

    The modules are imported here, before Sphinx forks its workers: each worker would import them again.
    """
    API.mkdir(exist_ok=True)
    for page in API.glob('*.rst'):
        page.unlink()
    pages = {'weld_cell': ['weld_cell']}
    for module in pkgutil.walk_packages(weld_cell.__path__, 'weld_cell.'):
        if not module.name.startswith(NO_API):
            importlib.import_module(module.name)
            pages.setdefault(module.name if module.ispkg else module.name.rpartition('.')[0], []).append(module.name)
    for package, modules in pages.items():
        API.joinpath(f'{package}.rst').write_text('\n'.join(map(_section, modules)), encoding='utf-8')


def _section(module: str) -> str:
    package = hasattr(importlib.import_module(module), '__path__')
    return f'{module}\n{("=" if package else "-") * len(module)}\n\n.. automodule:: {module}\n'


write_api_pages()
