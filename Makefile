# One command each. `make` alone lists them. Needs Python 3.11, Node 20 or newer, and make; nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
WEB := servers/web
WEB_MODULES := $(WEB)/node_modules/.ready
PAGE := $(WEB)/dist/index.html
PAGE_SOURCES := $(shell find $(WEB)/src $(WEB)/public $(WEB)/scripts -type f 2>/dev/null) $(WEB)/index.html $(WEB)/vite.config.ts
OUT := out
LONG_BENCHES := $(addprefix benchmarks/bench_,serving.py pan.py join.py beyond_memory.py)
CITY ?= $(OUT)/city
PORT ?= 8080
export PYTHON
SOAK ?= 1000
PYTEST_ARGS ?= -n 2 --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock: uv pip compile --generate-hashes --python-version 3.11"

.PHONY: help env page run test lint docs bench bench-serving bench-pan peers soak lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(DEV_READY)  ## make the environment .venv with the development tools

page: $(PAGE)  ## build the page

run: $(RUN_READY) $(PAGE) $(CITY)/city.json  ## make all that is missing and serve the sample city at http://127.0.0.1:8080 (PORT=…, CITY=…)
	$(BIN)/cim serve --city $(CITY) --port $(PORT)

test: lint $(PAGE)  ## check everything: style, types, import rules, tests of server and page
	cd $(WEB) && npm test
	$(BIN)/python -m pytest $(PYTEST_ARGS) --ignore tests/web
	$(BIN)/python -m pytest tests/web  # a browser needs the machine for itself; screenshots are kept in out/screenshots

lint: $(DEV_READY) $(WEB_MODULES)  ## style, types and import rules only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd $(WEB) && npm run check

docs: $(DEV_READY)  ## write docs/reference anew from the code
	$(BIN)/python docs/generate.py

bench: $(DEV_READY)  ## the short benchmarks, one after the other; results with machine and date in benchmarks/results
	for script in $(filter-out $(LONG_BENCHES),$(wildcard benchmarks/bench_*.py)); do echo "== $$script"; $(BIN)/python -m "benchmarks.$$(basename "$$script" .py)"; done

bench-serving: $(DEV_READY)  ## items and tiles beside pygeoapi, tipg and PostGIS, which it installs into out/peers
	$(BIN)/python -m benchmarks.bench_serving

bench-pan: $(DEV_READY)  ## 500 people pan a recorded trace for ten minutes
	$(BIN)/python -m benchmarks.bench_pan

peers: $(DEV_READY)  ## the real QGIS reads the sample city, and Sedona answers the same join
	$(BIN)/python -m benchmarks.peers.desktop
	BENCH_RESULTS=$(OUT)/peers/results $(BIN)/python -m benchmarks.bench_join --rows 50000

soak: $(DEV_READY)  ## kill imports and runs at SOAK=1000 random instants: nothing lost, nothing half-there
	CIM_SOAK=$(SOAK) $(BIN)/python -m pytest -m soak --timeout=0

lock: $(DEV_READY)  ## bring the lock files up to pyproject.toml (UPGRADE=--upgrade takes newer versions)
	$(COMPILE) $(UPGRADE) --group build pyproject.toml -o requirements.lock
	$(COMPILE) $(UPGRADE) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## remove what was made: environment, caches, outputs
	rm -rf $(VENV) $(OUT) $(WEB)/node_modules $(WEB)/dist build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

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

$(WEB_MODULES): $(WEB)/package-lock.json $(WEB)/package.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null || \
	  { echo "Node 20 or newer is needed to build the page and was not found. Install it (nodejs and npm of your system), then run make again." >&2; exit 1; }
	cd $(WEB) && npm ci --no-audit --no-fund --no-progress --loglevel=error
	touch $@

$(PAGE): $(WEB_MODULES) $(PAGE_SOURCES)
	cd $(WEB) && npm run --silent build
	touch $@

# Made aside and renamed, so that a sample broken off is begun anew. A city that is there is served as it is.
$(CITY)/city.json: | $(RUN_READY)
	@if [ -e $(CITY) ]; then echo "$(CITY) is there, but it is no city: name another with CITY=…, or remove it" >&2; exit 1; fi
	mkdir -p $(dir $(CITY))
	rm -rf $(CITY).part
	$(BIN)/cim sample $(CITY).part
	mv $(CITY).part $(CITY)
