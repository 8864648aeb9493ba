# Set-up needs Python >= 3.11 and nothing else. Everything lives in .venv.
PYTHON ?= python3
BIN := .venv/bin
BUILD_ONLY := hatchling editables pathspec pluggy trove-classifiers pip
FUZZED := address answer decoder robots
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo assets postgres test fuzz drill check lint fix bench docs evaluate test-train train lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Detente needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	touch $@

# The lock is complete, so pip need not look for more. Nothing that runs needs pip or the build tools, nor the byte
# code of modules it never imports: 190 MB less.
.venv/.core: .venv/.made requirements.txt requirements-build.txt pyproject.toml
	$(BIN)/python -m ensurepip -U >/dev/null
	$(PIP) install -q --no-compile --no-deps --require-hashes -r requirements.txt -r requirements-build.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	$(PIP) uninstall -q -y $(BUILD_ONLY)
	touch $@

.venv/.dev: .venv/.core requirements-dev.txt
	$(BIN)/python -m ensurepip >/dev/null
	$(PIP) install -q --no-compile --no-deps --require-hashes -r requirements-dev.txt -r requirements-build.txt
	touch $@

.venv/.postgres: .venv/.core deploy/requirements-postgres.txt
	$(BIN)/python -m ensurepip >/dev/null
	$(PIP) install -q --require-hashes --no-deps -r deploy/requirements-postgres.txt
	touch $@

.venv/.train: .venv/.dev
	$(PIP) install -q -e '.[train]' --no-build-isolation
	touch $@

.venv/.evaluate: .venv/.dev
	$(PIP) install -q -e '.[charts,baselines]' --no-build-isolation
	touch $@

demo: .venv/.core ## Run the example articles through broker, workers and channels, and check the outcome
	@$(BIN)/python tools/assets.py --if-possible
	$(BIN)/detente demo

assets: ## Fetch the browser libraries of the pages with npm; without them the server draws
	$(PYTHON) tools/assets.py

test: .venv/.dev ## Run all tests
	@$(BIN)/python tools/assets.py --if-possible
	$(BIN)/python -m pytest -q

fuzz: .venv/.dev ## Throw bytes at what reads from the network, a minute for each reader; needs atheris
	@for target in $(FUZZED); do $(BIN)/python -m tests.fuzz.$$target -max_total_time=$(or $(SECONDS),60) || exit 1; done

drill: .venv/.dev ## Hurt a running service in every way for half an hour, and write down what survived
	$(BIN)/python -m tests.chaos.report

check: .venv/.dev ## Style, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint: check ## The same as check

fix: .venv/.dev ## Format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

postgres: .venv/.postgres ## Add the PostgreSQL driver to .venv

bench: .venv/.dev ## Measure speed and memory on this machine
	$(BIN)/python -m bench.run

docs: .venv/.dev ## Check the documentation against the code
	$(BIN)/python -m pytest -q tests/docs

train: .venv/.train ## Train the model again from DATA (default ../shared/data)
	$(BIN)/python -m training.train --data $(or $(DATA),../shared/data) --out models/detente-coder
	$(BIN)/python -m training.pairs --data $(or $(DATA),../shared/data)

evaluate: .venv/.evaluate ## Measure the shipped model on the development sets in DATA, and the scores on the past there
	$(BIN)/python -m training.evaluate --data $(or $(DATA),../shared/data)
	$(BIN)/python -m training.events --data $(or $(DATA),../shared/data)
	$(BIN)/python -m training.modes --data $(or $(DATA),../shared/data)
	$(BIN)/python -m training.backtest --data $(or $(DATA),../shared/data)

test-train: .venv/.train ## Test the training code (installs torch)
	$(BIN)/python -m pytest -q tests/unit/training tests/unit/adapters/nlp/test_hub.py

lock: .venv/.dev ## Resolve the requirements again, with hashes and without index addresses
	tools/lock

clean: ## Remove the virtual environment and caches
	rm -rf .venv node_modules service/web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
