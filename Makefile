# Every target explains itself: `make help`.
PYTHON ?= python3
VENV ?= .venv
MONTHS ?= 6
SERVE ?= yes
KILLS ?= 200
BIN := $(VENV)/bin

.PHONY: help demo test check bench crash docs format
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

demo: $(VENV)/.installed ## live through MONTHS=6 simulated months of relationships; SERVE=no ends by itself
	@$(BIN)/closedloop demo --months $(MONTHS) $(if $(filter no,$(SERVE)),--no-serve,--serve)

test: $(VENV)/.installed-dev ## every test: SQLite, PostgreSQL, the sandbox, a fresh clone, a browser where there is one
	@$(BIN)/pytest -n $${TEST_WORKERS:-2} --dist loadgroup

# With `test` beside it the tests of architecture run there, once.
check: $(VENV)/.installed-dev ## format, lint, types, import contracts, documents in step; changes nothing
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(if $(filter test,$(MAKECMDGOALS)),,$(BIN)/pytest tests/architecture)

bench: $(VENV)/.installed-dev ## measure requests, memory and ratios (tests/bench/README.md)
	@$(BIN)/python -m tests.bench

crash: $(VENV)/.installed-dev ## kill simulated months KILLS=200 times at any request, mail or commit, and compare
	@$(BIN)/python -m tests.crash $(KILLS)

docs: $(VENV)/.installed-dev ## write the tables of the READMEs that are drawn from the code
	@$(BIN)/python -m tests.documents

format: $(VENV)/.installed-dev ## put every file into our format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

$(VENV)/.installed: pyproject.toml constraints.txt
	@started=$$(date +%s); echo "Installing into $(VENV) ..."; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "closedloop needs Python 3.11 or newer")' && \
	$(PYTHON) -m venv $(VENV) && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.' && \
	touch $@ && echo "Installed in $$(( $$(date +%s) - started )) s."

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev && touch $@
