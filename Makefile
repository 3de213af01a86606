.PHONY: help demo serve test test-long bench torture lint

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test
# the journeys start the server many times over; without compiled files each start reads the whole source anew
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  —/'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Mingfa needs Python 3.11 or newer; this one is %d.%d. Say which to use: make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { echo "The virtual environment could not be made. On Debian or Ubuntu install python3-venv; then run make again."; rm -rf $(VENV); exit 1; }

$(STAMP): $(VENV)/bin/python pyproject.toml requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

$(TEST_STAMP): $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test]'
	@touch $@

demo: $(STAMP) ## make, load and serve the demo province; PORT= changes the port, RESET=1 starts afresh
	@$(BIN)/mingfa demo serve --port $(PORT) $(if $(RESET),--reset)

test: $(TEST_STAMP) ## the whole suite on SQLite, PostgreSQL and Chromium, under 10 minutes
	@sh tests/need_chromium.sh
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 3 --dist loadscope -m "not long" --durations=25

test-long: $(TEST_STAMP) ## what is too big for make test
	@sh tests/need_chromium.sh
	$(BIN)/python -m pytest -m long

bench: $(TEST_STAMP) ## CPU per act against the bare floor; the bank at its full size
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks --postgres
	$(BIN)/python -m tests.benchmarks.attempts
	$(BIN)/python -m tests.benchmarks.marking
	$(BIN)/python -m tests.benchmarks.bank
	$(BIN)/python -m tests.benchmarks.bank --questions 20000
	$(BIN)/python -m tests.benchmarks.questions_in
	$(BIN)/python -m tests.benchmarks.handed_up

torture: $(TEST_STAMP) ## a million saves under a thousand faults, held against an oracle; SAVES= and FAULTS= change that
	$(BIN)/python -m tests.faults.torture --saves $(or $(SAVES),1000000) --faults $(or $(FAULTS),1000)

lint: $(TEST_STAMP) ## style and imports
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
