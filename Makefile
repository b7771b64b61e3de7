# The usual commands of the Python package dev/ ("python3 -m dev --help" lists all).
# ARGS="…" is passed to the command: make test ARGS="-k invoice", make demo ARGS="--port 8070".

PYTHON ?= python3
DEV = $(PYTHON) -m dev
.DEFAULT_GOAL := help

.PHONY: help demo test test-lib soak lint run shell i18n screenshots stop clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Install what is missing, then run a server with demonstration data (Ctrl+C stops it)
	@$(DEV) demo $(ARGS)

test: ## Install what is missing, then run all tests (ARGS="-k name": only these tests in Odoo)
	@$(DEV) test $(ARGS)

test-lib: ## Run the tests of lib/, without Odoo (seconds)
	@$(DEV) test-lib $(ARGS)

soak: ## Run N random examples of the billing ledger: make soak N=500
	@$(DEV) soak $(N) $(ARGS)

lint: ## Run the linters (ARGS=--fix repairs what it can)
	@$(DEV) lint $(ARGS)

run: ## Run a server on the demonstration database without upgrading it
	@$(DEV) run $(ARGS)

shell: ## Open Odoo's shell on the demonstration database
	@$(DEV) shell $(ARGS)

i18n: ## Update the translation files and list the untranslated terms
	@$(DEV) i18n $(ARGS)

screenshots: ## Take the pictures of the documentation from a running server
	@$(DEV) screenshots $(ARGS)

stop: ## Stop the private PostgreSQL server
	@$(DEV) stop

clean: ## Drop the databases and stop PostgreSQL (ARGS=--all: empty the cache)
	@$(DEV) clean $(ARGS)
