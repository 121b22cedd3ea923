# `make` alone prints this list. Needs only python3 (3.11 or newer), git and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# Tests mostly wait for sockets and browsers. Each process has a PostgreSQL and a Redis of its own.
TEST_PROCESSES ?= 6

# Hundreds of processes start here. Where Python is told to write no bytecode, as in many containers, each would compile
# every module anew, and each process of the tests every test.
unexport PYTHONDONTWRITEBYTECODE

# Production settings refuse to start without secrets; these are made up for Django's deployment checks.
MADE_UP_PRODUCTION := DJANGO_SETTINGS_MODULE=chatplatform.settings.prod DESK_HOST=desk.example.org \
	SECRET_KEY=made-up-for-the-deployment-checks-0123456789-abcdefghijklmnop \
	DATABASE_URL=postgresql://nobody@localhost/none REDIS_URL=redis://localhost/0 \
	EMAIL_HOST=mail.example.org MAIL_FROM=desk@example.org

CHECKS := types style layers migrations deployment

.PHONY: help run test check bench chaos locale format pins browser clean prepared $(CHECKS)

help: ## Print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(VENV)/runtime.stamp ## Start everything in this terminal (PORT=8000, DATA_DIR=.data, SERVER=daphne or uvicorn)
	@exec $(BIN)/python -m chatplatform.embedded

# What the tests need beforehand is made beside the checks, of which the slowest takes one core.
test: $(VENV)/develop.stamp ## Run the checks and every test
	@$(MAKE) --no-print-directory -j 3 browser types prepared locale $(filter-out types,$(CHECKS))
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(VENV)/develop.stamp ## Run the linters, the type checker, the layer contracts and Django's own checks
	@$(MAKE) --no-print-directory -j 2 $(CHECKS)

types: $(VENV)/develop.stamp
	$(BIN)/mypy .

style: $(VENV)/develop.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

layers: $(VENV)/develop.stamp
	$(BIN)/lint-imports

migrations: $(VENV)/develop.stamp
	DJANGO_SETTINGS_MODULE=chatplatform.settings.offline $(BIN)/python manage.py makemigrations --check --dry-run

deployment: $(VENV)/develop.stamp
	$(MADE_UP_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

# Compiles the tests and migrates their database once, instead of in each of their processes.
prepared: $(VENV)/develop.stamp
	@$(BIN)/python -m tests.prepared_cluster
	@$(BIN)/python -m pytest --quiet --collect-only $(TESTS) >/dev/null || true

format: $(VENV)/develop.stamp ## Let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/develop.stamp ## Measure messages, routing and deadlines on this machine (JSON=file also writes the figures, ONLY=part, CLIENTS=n)
	@$(BIN)/python -m bench $(if $(JSON),--json "$(JSON)") $(if $(ONLY),--only "$(ONLY)") $(if $(CLIENTS),--clients "$(CLIENTS)")

chaos: $(VENV)/develop.stamp locale ## Play dialogues while web, worker and Redis are killed (DIALOGUES=recorded file)
	@$(BIN)/python -m bench.chaos $(if $(DIALOGUES),"$(DIALOGUES)")

locale: $(VENV)/runtime.stamp ## Compile the translations that changed
	@$(BIN)/python -m chatplatform.embedded.locale

pins: $(VENV)/develop.stamp ## Resolve requirements*.txt anew from requirements*.in, for every platform
	$(BIN)/python -m pip install --quiet -r requirements-installer.in
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header requirements-installer.in -o requirements-installer.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header -c requirements.txt requirements-dev.in -o requirements-dev.txt

# Browser tests need a Chromium; Chromium without its own windows (chromium-headless-shell) takes half of the time. Without
# one, and without the right to install it, they are skipped and say so.
browser:
	@command -v chromium-headless-shell >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests"; \
		apt-get update -qq && export DEBIAN_FRONTEND=noninteractive && \
		{ apt-get install -y -qq --no-install-recommends chromium-headless-shell || \
		apt-get install -y -qq --no-install-recommends chromium; } || \
		echo "Chromium could not be installed: the browser tests will be skipped."; \
	elif ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
		echo "No Chromium found: the browser tests will be skipped. Install the package 'chromium' to run them."; \
	fi

clean: ## Remove the virtual environment and all local data
	rm -rf $(VENV) .data .data-tests

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found. PYTHON=/path/to/python3 names one."; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is incomplete (on Debian: apt-get install python3-venv)."; exit 1; }

# uv installs in seconds what takes pip a minute. Where it cannot (it does not read pip's settings), pip does.
define install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-installer.txt && \
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r $(1) || \
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $(1)
endef

$(VENV)/runtime.stamp: requirements.txt requirements-installer.txt | $(BIN)/python
	@echo "Installing what the platform needs (once)"
	$(call install,requirements.txt)
	@touch $@

$(VENV)/develop.stamp: requirements-dev.txt $(VENV)/runtime.stamp | $(BIN)/python
	@echo "Installing what tests and checks need (once)"
	$(call install,requirements-dev.txt)
	@touch $@
