#!/usr/bin/env bash
# scipy 1.17.1: importing scipy.spatial, scipy.interpolate or scipy.ndimage parses the docstrings of hundreds of functions
# and writes them anew, to add a note on array API support (scipy._lib._array_api.xp_capabilities): a quarter of the
# import's processor time by cProfile, in each process. Python's option -OO, which removes docstrings, does not avoid it.
# What follows for us: nodes that need no spline import no SciPy (weld_cell.geometry.transforms, tests/test_import_rules.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
cat >"$folder/count.py" <<'PY'
import scipy
import scipy._lib._docscrape as docscrape

parsed = 0
init = docscrape.FunctionDoc.__init__


def counted(self, *args, **kwargs):
    global parsed
    parsed += 1
    init(self, *args, **kwargs)


docscrape.FunctionDoc.__init__ = counted
import scipy.interpolate
import scipy.ndimage
import scipy.spatial.transform

print(scipy.__version__, parsed)
PY
said=$("$folder/venv/bin/python" "$folder/count.py")
without=$("$folder/venv/bin/python" -OO "$folder/count.py")
echo "docstrings parsed: $said; with -OO: $without"
[ "${said##* }" -gt 200 ] && [ "${without##* }" -gt 200 ] ||
    { echo "  changed: expected more than 200 docstrings, also with -OO"; exit 1; }
