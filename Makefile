.PHONY: run test check bench soak backup restore lock setup setup-test python

# What a fresh machine lacks is the business of bin/setup.py; nothing that is done is done again.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; \
	done)
BIN = .venv/bin
LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
TEST = DATA_DIR=var/test

run: setup
	@$(BIN)/python manage.py assets
	@exec $(BIN)/python manage.py serve

test: setup-test
	@$(BIN)/node --import ./tests/js/resolve.mjs --test --test-reporter=spec $(wildcard tests/js/*.test.*js)
	@$(BIN)/python -m pytest $(ARGS)

check: setup-test
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy .
	$(BIN)/lint-imports --no-logo
	$(BIN)/node node_modules/typescript/bin/tsc --project jsconfig.json
	$(TEST) $(BIN)/python manage.py makemigrations --check --dry-run
	bin/check-deploy

# Options: make bench ARGS="--streams 50"
bench: setup-test
	@$(BIN)/python -m benchmarks.relay $(ARGS)
	@$(BIN)/python -m benchmarks.page
	@$(BIN)/python -m benchmarks.money
	@$(BIN)/python -m benchmarks.spend_list

# Faults in large numbers, which takes about half an hour: make soak ARGS="--seed 7"
soak: setup-test
	@$(BIN)/python -m tests.soak $(ARGS)

# Everything in one file: make backup FILE=/safe/place/webchat.tar (without FILE: in DATA_DIR/backups).
backup: setup
	@$(BIN)/python manage.py backup $(if $(FILE),"$(FILE)")

# Stop the server first: make restore FILE=... (ARGS=--replace deletes what is there now).
restore: setup
	@$(BIN)/python manage.py restore $(ARGS) "$(FILE)"

# Pins everything again, with hashes and without any index's address.
lock: setup
	@$(BIN)/python -m pip install --quiet uv
	@for name in requirements requirements-node requirements-dev; do $(LOCK) $$name.in -o $$name.txt; done
	@npm install --package-lock-only --ignore-scripts

setup: python
	@$(PYTHON) bin/setup.py run

setup-test: python
	@$(PYTHON) bin/setup.py test

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; no python3 here is." >&2; exit 1; }
