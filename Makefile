# One command each. `make` alone lists them. Needs Python 3.11 and make, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
OUT := out
CITY := $(OUT)/city
PLAN := data_samples/plans/close-west-bridge.json
export PYTHON
SEEDS ?= 3
SOAK ?= 1000
PYTEST_ARGS ?= -n 2 --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock: uv pip compile --generate-hashes --python-version 3.11"

.PHONY: help env run test lint docs bench soak lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(DEV_READY)  ## make the environment .venv with the development tools

run: $(RUN_READY) $(CITY)/.ready  ## the main job on a small built-in city: simulate, compare a plan, write a report
	$(BIN)/cim run traffic.simulate --city $(CITY) -p hours=7-8 --seed 1
	$(BIN)/cim compare traffic.simulate --city $(CITY) -p hours=7-8 --plan $(PLAN) --seeds $(SEEDS) --out $(OUT)/report
	@echo "Report: $(abspath $(OUT)/report/index.html)"

test: lint  ## check everything: style, types, import rules, tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(DEV_READY)  ## style, types and import rules only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(DEV_READY)  ## write docs/reference anew from the code
	$(BIN)/python docs/generate.py

bench: $(DEV_READY)  ## benchmarks, one after the other; results with machine and date in benchmarks/results
	for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python -m "benchmarks.$$(basename "$$script" .py)"; done

soak: $(DEV_READY)  ## kill imports and runs at SOAK=1000 random instants: nothing lost, nothing half-there
	CIM_SOAK=$(SOAK) $(BIN)/python -m pytest -m soak --timeout=0

lock: $(DEV_READY)  ## bring the lock files up to pyproject.toml (UPGRADE=--upgrade takes newer versions)
	$(COMPILE) $(UPGRADE) --group build pyproject.toml -o requirements.lock
	$(COMPILE) $(UPGRADE) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## remove what was made: environment, caches, outputs
	rm -rf $(VENV) $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# A stamp is written when all before it went well, so that a broken start is begun anew and a second one takes seconds.
$(BIN)/python:
	@python=""; \
	for name in "$${PYTHON:-}" python3.11 python3 python; do \
	  if [ -n "$$name" ] && "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; \
	  then python="$$name"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	"$$python" -m venv --clear $(VENV) || \
	  { echo "Making a virtual environment failed; on Debian and Ubuntu: apt install python3.11-venv" >&2; exit 1; }

$(RUN_READY): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	touch $@

$(DEV_READY): requirements-dev.lock $(RUN_READY)
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	touch $@

$(CITY)/.ready: | $(RUN_READY)
	rm -rf $(CITY)
	mkdir -p $(OUT)
	$(BIN)/cim sample $(CITY)
	touch $@
