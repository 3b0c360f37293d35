# Everything a person does with this project; `make` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATE ?= var/demo
PIN := uv pip compile --universal --python-version 3.11 --generate-hashes \
       --no-emit-index-url --no-header --quiet

.PHONY: help setup setup-dev demo test lint format fuzz mutations bench bench-verify bench-vision screenshots pins clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## system packages (apt, when missing) and the virtual environment
	@# The services' users may not write here: without this every start would compile everything.
	@$(BIN)/python -m compileall -q config scanner sync

setup-dev: $(VENV)/.dev ## the same, with what tests and linters need

demo: $(VENV)/.runtime ## twelve people at a simulated gate (HEADLESS=1: no kiosk, one line a person)
	@$(BIN)/checkpoint demo --state $(STATE) $(if $(HEADLESS),--headless)

test: $(VENV)/.dev ## the whole suite
	@$(BIN)/pytest -n 2 --dist loadgroup

lint: $(VENV)/.dev ## ruff, mypy strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

fuzz: $(VENV)/.dev ## coverage-guided, each target for FUZZ_S seconds (60); FUZZ_TARGETS="text cbor"
	@$(BIN)/python -m tests.fuzz run --seconds $(or $(FUZZ_S),60) $(FUZZ_TARGETS)

mutations: $(VENV)/.dev ## a million changed codes (COUNT=…, SEED=…)
	@$(BIN)/python -m tests.fuzz.mutations $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.dev ## the figures that docs/ quotes, as ratios within one run
	@$(BIN)/python -m tests.bench

bench-verify: $(VENV)/.dev ## text to verified pass, of every format and by steps, beside the bare check
	@$(BIN)/python -m tests.bench verify verify_steps

bench-vision: $(VENV)/.dev ## every reader on the same frames: docs/vision-bench.md and its plot
	@$(BIN)/python -m tests.bench.vision

screenshots: $(VENV)/.runtime ## the kiosk through a real compositor, into docs/screens
	@packaging/screenshots.sh docs/screens

pins: ## resolve the pinned requirements anew (needs uv)
	@$(PIN) --extra build pyproject.toml -o requirements.txt
	@$(PIN) --extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove the virtual environment and the demo's state
	@rm -rf $(VENV) var

$(VENV)/bin/python:
	@packaging/system-packages.sh
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing the pinned requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
