# Two commands, nothing else: `make run` and `make test`. Each sets up what it lacks.
# Variables: PYTHON=python3.12 chooses the interpreter, PORT=8080 the door.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

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
	@echo later

messages:  ## gather what people read into the translation catalogues
	@echo later

bench:  ## what is fast, against what
	@echo later
