# Two commands for a newcomer: `make demo` and `make test`. Both need git, make and Python 3.11 or
# 3.12 with venv, and put everything else into .venv.

PYTHON ?= $(shell for name in python3.11 python3.12 python3; do command -v $$name && break; done)
BIN := .venv/bin
STAMP := .venv/installed
SEED ?= 1
CALLS ?= 10000

.PHONY: demo test lint bench proof mistakes simulate simulate-bugs venv
.DEFAULT_GOAL := test

demo: $(STAMP)
	@$(BIN)/python -m demo

test: lint
	$(BIN)/pytest -n 3 --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(STAMP)
	@$(BIN)/python -m benchmarks.rota

proof: $(STAMP)
	SCHEDULES=10000 $(BIN)/pytest tests/routing/test_rota_walk.py

mistakes: $(STAMP)
	$(BIN)/pytest -n 2 -m mistakes

simulate: $(STAMP)
	@$(BIN)/python -m simulation --seed $(SEED) --calls $(CALLS)

simulate-bugs: $(STAMP)
	BUGS=all $(BIN)/pytest -n 2 tests/simulation

venv: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
		|| { echo "This needs Python 3.11 or 3.12; say which with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
