# The two commands: `make run` welds one simulated joint in the real node graph, `make test` checks everything.
# `make docs` makes the pages of docs/ and the API. Each sets up what it needs (see bootstrap). Choose: make run JOINT=v SEED=3 OUT=out/run;
# the distribution of ROS 2 from PyPI: make run ROS=kilted, jazzy where none is named.

JOINT ?= fillet
SEED ?= 1
OUT ?= out/run
VENV := .venv
SET_UP := PATH="$(PATH)" ./bootstrap
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export AMENT_PREFIX_PATH := $(CURDIR)/$(VENV)$(if $(AMENT_PREFIX_PATH),:$(AMENT_PREFIX_PATH))
export PYTHONUNBUFFERED := 1
# Else each of the many processes would compile the package anew.
export PYTHONDONTWRITEBYTECODE :=
export PYTHON ROS

.PHONY: run test lint style docs clean

run:
	@$(SET_UP) run
	@weld_cell run --joint $(JOINT) --seed $(SEED) --out $(OUT)

# mypy takes what the graph tests, which mostly wait, leave of the processors.
test: style
	@nice -n 19 python -m mypy >$(VENV)/mypy.log 2>&1 & mypy=$$!; \
	python -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder --durations 40 --durations-min 4; tests=$$?; \
	wait $$mypy || { cat $(VENV)/mypy.log; exit 1; }; exit $$tests

lint: style
	@mypy

style:
	@$(SET_UP) test
	@ruff check --quiet .
	@ruff format --quiet --check . || { ruff format --check .; exit 1; }

docs:
	@$(SET_UP) run
	@python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	@python -m sphinx -j auto -q -b html docs out/docs
	@echo "docs: out/docs/index.html"

clean:
	rm -rf $(VENV) out build install log
