# Every target does its own set-up: Python 3.11 or newer is all that must be there.

BIN = .venv/bin
READY = .venv/.ready

.PHONY: help setup demo up test test-pgbouncer lint format requirements bench chaos fuzz

help:
	@echo "make setup         the program and everything it needs, pinned, in .venv"
	@echo "make demo          the main job, live: a pool, a campaign, a day's quota, the reset"
	@echo "make up            the whole program on this machine (ARGS='--port 9000 --processes 4')"
	@echo "make test          every check: linters, types, imports, tests"
	@echo "make test-pgbouncer  the engine's tests again, through PgBouncer in transaction mode"
	@echo "make bench         ours beside its peers: letters a second, CPU, memory (ARGS='relay --runs 1 --quick')"
	@echo "make chaos         ten minutes of everything that goes wrong, then every book is checked (ARGS='--minutes 2 --seed 7')"
	@echo "make fuzz          the reader of incoming letters, fed by atheris (ARGS='--seconds 600')"
	@echo "make lint          only the linters, types and imports"
	@echo "make format        lay the code out"
	@echo "make requirements  pin the dependencies again (UPGRADE=1: the newest of each)"

setup: $(READY)
	@:

$(READY): requirements/dev.txt pyproject.toml tools/make-venv
	@tools/make-venv .venv
	@touch $@

demo: $(READY)
	@$(BIN)/leadterra demo $(ARGS)

up: $(READY)
	@$(BIN)/leadterra up $(ARGS)

test: $(READY)
	@tools/system-packages
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest -q -n auto --through pgbouncer tests/store tests/workers
	@$(BIN)/pytest -q -n auto $(ARGS)

test-pgbouncer: $(READY)
	@tools/system-packages
	@$(BIN)/pytest -q -n auto --through pgbouncer tests/store tests/actions tests/workers tests/api tests/journeys $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

bench: $(READY)
	@tools/bench-peers
	@PYTHONPATH=. $(BIN)/python -m bench $(ARGS)

chaos: $(READY)
	@PYTHONPATH=. $(BIN)/python -m chaos $(ARGS)

requirements: $(READY)
	@tools/pin-requirements $(BIN)/uv $(UPGRADE)

fuzz: $(READY)
	@tools/fuzz-place
	@PYTHONPATH=src:. .venv/fuzz/bin/python -m fuzz $(ARGS)
