# Shopkeeper's commands. `make demo` and `make test` do all the set-up on a fresh machine.
PYTHON ?= python3
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test check format clean
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+%?:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: $(VENV)/installed ## the whole round on real purchases
	$(BIN)/shopkeeper demo

test: $(VENV)/installed-dev ## unit, parity and end-to-end tests
	$(BIN)/python -m pytest -n auto tests/unit
	$(BIN)/python -m pytest tests/parity tests/e2e

check: $(VENV)/installed-dev ## format, lint, types and room contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-%: $(VENV)/installed-dev ## one benchmark, peers measured beside it: bench-recommend
	$(BIN)/python -m tests.benchmarks.$*

bench-all: $(VENV)/installed-dev ## every benchmark, results and plots to docs/benchmarks
	$(BIN)/python -m tests.benchmarks

clean: ## remove the virtual environment (the data in .shopkeeper stays)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Shopkeeper needs Python 3.11, 3.12 or 3.13; %s is %s. Name another one: make PYTHON=python3.12 ..." % (sys.executable, sys.version.split()[0]))'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(if $(TORCH_INDEX),$(PIP) install --quiet -c constraints.txt --index-url $(TORCH_INDEX) torch)
	$(PIP) install -c constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt --editable '.[dev]'
	@touch $@
