# What one types in this repository. `make help` lists it; nothing but Python 3.11 to 3.14 is needed beforehand.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage soak lint format bench accuracy lock browser clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ROOMS := connectors matching golden customer360 quality warehouse stewardship serving pipelines

# The first interpreter that joinedup runs on; `make setup PYTHON=/path/to/python` overrides the search.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null && echo $$name && break; done)

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with .venv/bin/joinedup, from the hash-pinned lock

# uv does in seconds what pip does in a minute, so it is tried first; without it the same lock is installed by pip.
# Bytecode is written here, as pip does: where Python may not write it later, each night would spend seven seconds on it.
$(READY): requirements-dev.lock requirements-setup.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "joinedup needs Python 3.11 to 3.14; install one, or name it: make setup PYTHON=…" >&2; exit 1; fi
	@echo "setting up $(VENV) …"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "$(PYTHON) lacks its venv module; install it (Debian: python3-venv)" >&2; exit 1; }
	@if $(BIN)/python -m pip install -q --require-hashes -r requirements-setup.lock 2>/dev/null; then \
		$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock; \
	else \
		echo "uv is not to be had here; pip takes a minute or two …"; \
		$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock; \
	fi
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(ROOMS)
	@touch $@

demo: setup ## write the shipped example into demo/ and run its three nights
	@$(BIN)/joinedup demo demo

test: setup browser ## run the tests
	@$(BIN)/pytest -n 2 --dist loadfile

coverage: setup browser ## run the tests, which takes half as long again, and say which lines they miss
	@$(BIN)/pytest -n 2 --dist loadfile $(ROOMS:%=--cov=%) --cov-report=term-missing:skip-covered

soak: setup ## kill, read and replay for minutes what `make test` tries a few times (SOAK=tests/warehouse for a part)
	@$(BIN)/pytest -m soak -s $(SOAK)

lint: setup ## ruff, format, types, and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## mend what ruff can mend, and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure speed and memory on synthetic records
	@$(BIN)/python -m benchmarks.run

accuracy: setup ## measure accuracy on open data sets, beside Splink: docs/accuracy.md
	@$(BIN)/python -m benchmarks.accuracy

# The page tests need a Chromium of the system; where there is none and none can be installed, they are skipped by name.
browser:
	@.ci/browser

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-strip-extras

lock: setup ## renew the locks from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements.lock
	@$(LOCK) $(UPGRADE) pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@echo uv | $(LOCK) $(UPGRADE) - --output-file requirements-setup.lock

clean: ## remove what was made: the environment, the demo, caches
	@rm -rf $(VENV) demo .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
