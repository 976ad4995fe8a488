# Two commands on a fresh machine with Python 3.10 or newer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo check test test-storm parity parity-load planted lint types docs bench clean

demo: $(VENV)/installed
	cd examples/wordcount && ../../$(BIN)/sparse simulate

test: $(VENV)/installed-dev
	$(BIN)/tox run -q -e py

# For the edit loop: the tests of what has changed since the last commit, or in it, but for those marked slow.
check: lint types
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not (slow or real_storm or real_ssh)" \
	    $(ARGS) $$($(BIN)/python -m tests.support.changed)
	@echo "Left out: the tests of what has not changed, and those marked slow (make test), real_storm and real_ssh (make test-storm)."

# Real Storms of four lines, in LocalCluster and as clusters, and a real sshd: needs lein, a JDK and openssh-server.
test-storm: $(VENV)/installed-dev
	$(BIN)/tox run -q -e storm,parity

# Record what the scenarios do on real Storms anew; fails where that is not what was recorded, or simulated.
parity: $(VENV)/installed-dev
	$(BIN)/python -m tests.parity.record
	$(BIN)/python -m tests.parity.record --cluster
	$(BIN)/python -m tests.parity.submitted

# Record the curves of topologies under load anew: ARGS="--only a-1000 --line 2.8.3" is one of them.
parity-load: $(VENV)/installed-dev
	$(BIN)/python -m tests.parity.load.record $(ARGS)

# Look for every planted bug with ten seeds, and write what finds it: ARGS="--jobs 2" shares it out.
planted: $(VENV)/installed-dev
	$(BIN)/python -m tests.planted --into docs/planted-bugs.md $(ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

# The documentation site, into docs/_build/html; a warning is an error.
docs: $(VENV)/installed-docs
	$(BIN)/sphinx-build -M html docs docs/_build -W --keep-going -q

# The table of docs/performance.md: BENCH='--into docs/performance.md' puts it there, BENCH='--only bolt' is one part.
bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks $(BENCH)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit(f"Python 3.10 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python setup.py
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

clean:
	rm -rf $(VENV) .tox build dist docs/_build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
