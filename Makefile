# Everything starts from nothing but Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
HOST ?= 127.0.0.1
PORT ?= 8000
XDIST ?= 2
SERVICES_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
SERVICES_REDIS_URL ?= redis://127.0.0.1:6379/0

.DEFAULT_GOAL := help
.PHONY: help demo test services-test faults faults-sample flows bench mutants check lint types layers templates migrations lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

# Hash-locked packages by uv, which takes seconds; pip does the same in minutes where uv cannot be had.
$(VENV)/base: requirements/base.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) || true
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/base.txt; \
	 else $(BIN)/python -m pip install -q --require-hashes -r requirements/base.txt; fi
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/base
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
	 else $(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt; fi
	@touch $@

demo: $(VENV)/base ## Serve the pilot study on HOST:PORT; state in var/
	@HOST=$(HOST) PORT=$(PORT) $(BIN)/python manage.py demo

test: $(VENV)/dev ## The suite on SQLite, with coverage
	@PYTHON=$(BIN)/python scripts/test_suite

# Domain floors, scripts in the browser, patterns and hostile files ask no service: once is enough for them.
services-test: $(VENV)/dev ## The suite on PostgreSQL and Redis
	@DATABASE_URL=$(SERVICES_DATABASE_URL) REDIS_URL=$(SERVICES_REDIS_URL) REQUIRE_SERVICES=1 \
	 $(BIN)/python -m pytest -q -n $(XDIST) -m "not flow and not benchmark and not faults" \
	 --ignore-glob="*/tests/*/domain" --ignore=tests/static --ignore=tests/hostile/test_files.py --ignore=tests/hostile/test_patterns.py

flows: $(VENV)/dev ## The whole story in a real Chromium
	@$(BIN)/python -m pytest -q -m flow tests/flows

faults: $(VENV)/dev ## Kill and freeze web, worker, Redis and PostgreSQL, each private to its test
	@$(BIN)/python -m pytest -q -m faults tests/faults

faults-sample: $(VENV)/dev
	@REQUIRE_SERVICES=1 $(BIN)/python -m pytest -q -m "faults and sample" tests/faults

bench: $(VENV)/dev ## Ratios against a peer in the same run
	@$(BIN)/python -m pytest -q -s -m benchmark tests/benchmarks

mutants: $(VENV)/dev ## Small faults in every room, and how many the tests notice; an hour
	@$(BIN)/python scripts/mutants.py $(MUTANTS)

check: $(VENV)/dev lint types layers templates migrations ## All static checks

lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types:
	@SECRET_KEY=check $(BIN)/mypy

layers:
	@SECRET_KEY=check $(BIN)/lint-imports

templates:
	@find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --check --target-version 5.2

migrations:
	@SECRET_KEY=check DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py makemigrations --check --dry-run

lock: ## Recompile the locks from requirements/*.in
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/dev.in -o requirements/dev.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/base.in -c requirements/dev.txt -o requirements/base.txt

clean: ## Forget the environment and the demonstration
	@rm -rf $(VENV) var
