"""Sphinx: the pages of docs/ and the API, by `make docs`."""

from weld_cell import __version__

project = 'weld_cell'
author = 'weld_cell maintainers'
release = __version__
extensions = ['myst_parser', 'sphinx.ext.apidoc', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinx.ext.viewcode']
apidoc_modules = [
    {
        'path': '../src/weld_cell',
        'destination': 'api',
        'exclude_patterns': ['**/templates/**'],
        'separate_modules': True,
        'module_first': True,
        'automodule_options': {'members', 'show-inheritance'},
    }
]
napoleon_use_ivar = True
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_type_aliases = {'FloatArray': 'FloatArray', 'ImageArray': 'ImageArray'}
autodoc_mock_imports = ['vmbpy']
exclude_patterns = ['figures/**', 'hard_effects/**']
html_theme = 'furo'
myst_heading_anchors = 3
suppress_warnings = ['myst.xref_missing', 'ref.python', 'toc.not_included', 'docutils']
