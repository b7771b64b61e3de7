# Everything is in the Python package dev/ ("python3 -m dev --help"); these are its usual commands.
# ARGS="…" goes on to the command: make test ARGS="-k invoice", make demo ARGS="--port 8070".

PYTHON ?= python3
DEV = $(PYTHON) -m dev
.DEFAULT_GOAL := help

.PHONY: help demo test test-lib soak lint run shell i18n screenshots stop clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Get everything, then a server with demonstration data on it (Ctrl+C stops it)
	@$(DEV) demo $(ARGS)

test: ## Get everything, then run every test (ARGS="-k name": only those of the tests in Odoo)
	@$(DEV) test $(ARGS)

test-lib: ## Run the tests of the library alone, without Odoo (seconds)
	@$(DEV) test-lib $(ARGS)

soak: ## Let the test of the ledger's state machine play N examples: make soak N=500
	@$(DEV) soak $(N) $(ARGS)

lint: ## Check the style (ARGS=--fix repairs what can be repaired)
	@$(DEV) lint $(ARGS)

run: ## Run a server on the demonstration database as it is
	@$(DEV) run $(ARGS)

shell: ## Open Odoo's shell on the demonstration database
	@$(DEV) shell $(ARGS)

i18n: ## Write the translation files anew and show what is left to translate
	@$(DEV) i18n $(ARGS)

screenshots: ## Make the pictures of the documentation from a running server
	@$(DEV) screenshots $(ARGS)

stop: ## Stop the private PostgreSQL server
	@$(DEV) stop

clean: ## Drop the databases and stop PostgreSQL (ARGS=--all: empty the whole cache)
	@$(DEV) clean $(ARGS)
