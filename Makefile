# `make demo` is all a newcomer needs; `make help` lists the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV_PYTHON := .local/venv/bin/python
RUN := $(VENV_PYTHON) -m deploy.local
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo up down demo-reset status logs code story doctor test test-long lint lock sbom advisories image-advisories bench

help: ## Say what each command does.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: ## Make the Python environment and fetch the packages (every other command does this first).
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed. On Debian or Ubuntu: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) deploy/local/setup.py

demo: setup ## Start everything, play the story, leave the pages open; Ctrl-C stops it.
	@$(RUN) demo

up: setup ## Start everything in the background; comes back when all is ready.
	@$(RUN) up

story: setup ## Play the demonstration story on a system that is up.
	@$(RUN) story

down: setup ## Stop what `make up` or `make demo` started.
	@$(RUN) down

demo-reset: setup ## Throw the demonstration's data away; the next start begins afresh.
	@$(RUN) reset

status: setup ## Show one line for each part: running, for how long, where.
	@$(RUN) status

logs: setup ## Follow one service's logs: make logs SERVICE=assessment.
	@$(RUN) logs "$(SERVICE)"

code: setup ## Print the one-time code of a demonstration sign-in: make code USER=lena.lead.
	@$(RUN) code "$(if $(filter command,$(origin USER)),$(USER))"

doctor: setup ## Look at this machine and say in plain words what would not work.
	@$(RUN) doctor

test: setup ## Run style, types, walls and every test on real servers.
	@$(RUN) test

test-long: setup ## Run the tests with full figures; keeps the result with its date.
	@$(RUN) test --long

bench: setup ## Load a made-up nation, measure, print the table and keep it in docs/performance.md.
	@$(VENV_PYTHON) -m tests.bench

lint: setup ## Check style, types and the walls between parts.
	@$(RUN) lint

sbom: setup ## List everything that goes into the image, for a release (.local/sbom.json).
	@$(VENV_PYTHON) -m deploy.sbom

advisories: setup ## Look the locked packages up in a public list of known holes (needs the internet; before a release).
	@$(VENV_PYTHON) -m deploy.local.advisories

image-advisories: setup ## Look an image's system packages up in such a list: make image-advisories IMAGE=... (before a release).
	@$(VENV_PYTHON) -m deploy.local.image_advisories "$(IMAGE)"

lock: setup ## Write the locked package lists afresh from pyproject.toml.
	@$(RUN) lock
