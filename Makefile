# Two commands, nothing else: `make run` and `make test`. Each sets up what it lacks.
# Variables: PYTHON=python3.12 chooses the interpreter, PORT=8080 the door.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

COMPILE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --upgrade --quiet

.DEFAULT_GOAL := run
.PHONY: run setup test lock messages bench

run: setup  ## install, migrate, fill an empty house with the demonstration, open the doors
	@exec $(BIN)/contest run --port $(PORT)

setup:  ## the virtual environment, the front end, the translations; a second time does nothing
	@$(PYTHON) contest/cli/setup.py

test:  ## style, types, imports, tests
	@$(PYTHON) contest/cli/setup.py --with-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(PYTEST)

lock:  ## remake both lock files and package-lock.json from pyproject.toml and package.json
	$(BIN)/uv pip compile pyproject.toml --group build $(COMPILE) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev $(COMPILE) --output-file requirements-dev.lock
	PATH="$(BIN):$$PATH" npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

messages:  ## gather what people read into the translation catalogues
	@echo later

bench:  ## what is fast, against what
	@echo later
