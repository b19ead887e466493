# Two commands, nothing else: `make run` and `make test`. Each sets up what it lacks.
#   make run PORT=8080            another door
#   make run PYTHON=python3.13    another interpreter, CPython 3.11 or newer

ifndef PYTHON
PYTHON := $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; \
	done)
endif
PORT ?= 8000
ON_BOTH_CORES := --numprocesses 2 --dist loadscope --no-loadscope-reorder
ON_BOTH_DATABASES := tests/domain tests/journeys tests/machines/test_queue.py
BIN := .venv/bin
COMPILE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --upgrade --quiet

# Where Python may keep what it compiled, our processes start in half the time; tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
# One core for linear algebra, as in every process of the house: in tests a plugin loads numpy before
# the house can say so, and two runs of them already share the cores.
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := run
.PHONY: run setup test bench lock messages python

run: setup  ## everything, from an empty folder to open doors
	@exec $(BIN)/contest run --port $(PORT)

setup: python  ## environment, front end, translations; the second time there is nothing to do
	@$(PYTHON) -I contest/cli/setup.py

test: python  ## style, types, imports, tests: `make test PYTEST="tests/rulebook -x"`
	@$(PYTHON) -I contest/cli/setup.py --with-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/pytest $(ON_BOTH_CORES) $(or $(PYTEST),--ignore=tests/browser)
	$(if $(PYTEST),,$(BIN)/pytest $(ON_BOTH_CORES) --database postgresql $(ON_BOTH_DATABASES))
	$(if $(PYTEST),,$(BIN)/pytest $(ON_BOTH_CORES) tests/browser)

bench: setup  ## what is fast, against what, measured in one run
	$(BIN)/python -m benchmarks

lock: python  ## remake the lock files from pyproject.toml and package.json
	@$(PYTHON) -I contest/cli/setup.py --with-tests
	$(BIN)/uv pip compile pyproject.toml --group dev $(COMPILE) -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --group build $(COMPILE) -c requirements-dev.lock \
		-o requirements.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only --ignore-scripts \
		--omit-lockfile-registry-resolved --no-audit --no-fund
	$(BIN)/python -c 'import json; from pathlib import Path; file = Path("package-lock.json"); \
		lock = json.loads(file.read_text()); \
		[each.pop("funding", None) for each in lock["packages"].values()]; \
		file.write_text(json.dumps(lock, indent=2) + "\n")'

messages: setup  ## gather every sentence people read into the catalogues of translations
	$(BIN)/contest messages

python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Palmarès needs CPython 3.11 or newer, and '$(or $(PYTHON),python3)' is not." >&2; \
		echo "Install one (python.org, your system's packages, pyenv), then name it:" >&2; \
		echo "    make run PYTHON=/path/to/python3.12" >&2; exit 1; }
