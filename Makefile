# Two commands for a newcomer: `make demo` and `make test`. Both need git, make and Python 3.11 or
# newer with venv, and put everything else into .venv.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)
BIN := .venv/bin
STAMP := .venv/installed
DEMO := .venv/demo-installed
SEED ?= 1
CALLS ?= 10000
DATABASE ?= sqlite
SECONDS ?= 120
TOOLS := var/tools/bin
UPGRADE ?=

.PHONY: demo test lint bench proof mistakes packaging simulate simulate-bugs chaos hosts house pictures venv \
	lock audit calls docs reference
.DEFAULT_GOAL := test

demo: $(DEMO)
	@$(BIN)/python -m devtools.demo

test: lint
	$(BIN)/pytest -n 4 --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# YEARS=1 adds a log of ten million calls; WRITE=1 puts the tables into docs/operate/performance.md.
bench: $(STAMP)
	@YEARS=$(YEARS) WRITE=$(WRITE) $(BIN)/python -m devtools.bench

proof: $(STAMP)
	SCHEDULES=10000 $(BIN)/pytest tests/routing/test_rota_walk.py

mistakes: $(STAMP)
	$(BIN)/pytest -n 2 -m mistakes

# What builds the package, or installs it somewhere.
packaging: $(STAMP)
	$(BIN)/pytest -m packaging -n 2 --dist loadgroup

simulate: $(STAMP)
	@$(BIN)/python -m devtools.simulation --seed $(SEED) --calls $(CALLS)

simulate-bugs: $(STAMP)
	BUGS=all $(BIN)/pytest -n 2 tests/simulation

# The exact packages of production, each file by its hash; UPGRADE=--upgrade takes newer ones.
lock: $(TOOLS)/uv
	$(TOOLS)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" $(UPGRADE) --extra postgresql \
		--output-file requirements.lock pyproject.toml

# Which of them have known weaknesses; asks PyPI, so it is no part of `make test`, and fails where it
# gets no answer.
audit: $(TOOLS)/pip-audit
	$(TOOLS)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

$(TOOLS)/uv: ; python3 -m venv var/tools && $(TOOLS)/pip install --quiet uv==0.13.9
$(TOOLS)/pip-audit: ; python3 -m venv var/tools && $(TOOLS)/pip install --quiet pip-audit==2.10.1

chaos hosts: CALLS = 60

chaos: $(STAMP)
	@$(BIN)/python -m devtools.bench.chaos --database $(DATABASE) --calls $(CALLS) --seconds $(SECONDS) --seed $(SEED)

hosts: $(STAMP)
	@$(BIN)/python -m devtools.bench.chaos.hosts --calls $(CALLS) --seconds $(SECONDS) --seed $(SEED)

# The figures of the code's structure, beside their goals.
house: $(STAMP)
	@$(BIN)/python -m devtools.house

# The pages that are made from the code: line.yaml, settings, options of commands.
reference: $(STAMP)
	@$(BIN)/python -m devtools.reference

# The documentation site, in var/site: no warnings, and each link and anchor leads somewhere.
docs: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "var/site/index.html"

# Each page of the console on a line with calls, the customer portal and the demo: docs/pictures/.
pictures: $(STAMP)
	@$(BIN)/python -m tests.console_live.pictures
	@$(BIN)/python -m tests.portal_live.pictures
	@$(BIN)/python -m tests.demo.pictures

# Every call as people hear it, in every language: the figures beside their limits, and docs/calls/.
# ALOUD=1 also reads the main path aloud (espeak-ng) and compares how long it takes.
calls: $(STAMP)
	@ALOUD=$(ALOUD) $(BIN)/python -m devtools.calls

venv: $(STAMP)

# What the demo needs is installed by itself: checkers and browsers would be twice as much again.
$(STAMP): $(DEMO)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(DEMO): pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "This needs Python 3.11 or newer with venv; say where: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@
