# Every target does its own set-up: Python 3.11 or newer is all that must be there.

BIN = .venv/bin
READY = .venv/.ready

.PHONY: help setup demo up test lint format requirements bench chaos

help:
	@echo "make setup         the program and everything it needs, pinned, in .venv"
	@echo "make demo          the main job, live: a pool, a campaign, a day's quota, the reset"
	@echo "make up            the whole program on this machine (ARGS='--port 9000 --processes 4')"
	@echo "make test          every check: linters, types, imports, tests"
	@echo "make bench         first figures, as ratios to a bare loop in the same run"
	@echo "make chaos         workers killed and PostgreSQL crashed under 20 000 messages, three times over"
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
	@$(BIN)/pytest -q -n auto $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

bench: $(READY)
	@tools/system-packages
	@PYTHONPATH=. $(BIN)/python -m bench $(ARGS)

chaos: $(READY)
	@for seed in 1 2 3; do CHAOS_SEED=$$seed $(BIN)/pytest -q tests/journeys/test_killed_workers_lose_and_duplicate_nothing.py $(ARGS) || exit 1; done

requirements: $(READY)
	@tools/pin-requirements $(BIN)/uv $(UPGRADE)
