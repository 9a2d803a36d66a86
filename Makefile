# Every verb is one line; `make` alone prints them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
DESK = $$($(PYTHON) tools/environments.py desk)
DESK_DEV = $$($(PYTHON) tools/environments.py desk --dev)
ASSISTANT = $$($(PYTHON) tools/environments.py assistant)
ASSISTANT_DEV = $$($(PYTHON) tools/environments.py assistant --dev)

.PHONY: help run test lint train evaluate bench nurse notices audit backup restore shell activate lock screenshots

help:        ## print this list
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run:         ## set up what is missing, start everything, print the addresses
	@exec $(PYTHON) tools/run.py

test:        ## set up what is missing, run every test, the browser's included
	@$(PYTHON) tools/test.py $(ARGS)

lint:        ## formatter, linter, types, and Rasa's own check of its files
	@$(PYTHON) tools/lint.py

train:       ## train the model when it is missing or stale (ARGS=--force: in any case)
	@$(PYTHON) tools/train.py $(ARGS)

evaluate:    ## score the assistant, write a report page (docs/evaluation.md has the options)
	@$(PYTHON) -m evaluation $(ARGS)

bench:       ## measure speed: one conversation of 200 turns
	@$(PYTHON) -m benchmarks $(ARGS)

nurse:       ## make an account: EMAIL=… ROLE=nurse|lead|admin (URL=https://your.site for the link)
	@$(DESK) -m desk.make_nurse --email "$(EMAIL)" --role "$(or $(ROLE),nurse)" --url "$(URL)"

notices:     ## send a test to those whom clinic.yml names for notices (ARGS="--to NAME")
	@$(DESK) -m desk.try_notices $(ARGS)

audit:       ## check that nobody has changed the audit trail (ARGS="--head ID:HASH")
	@$(DESK) -m desk.verify_audit $(ARGS)

backup:      ## a checked copy while it runs: TO=/backups (KEEP=35 deletes those older in days)
	@$(DESK) -m desk.make_backup --to "$(TO)" $(if $(KEEP),--keep $(KEEP))

restore:     ## put a backup where no database is: FROM=/backups/clinic-chat-…
	@$(DESK) -m desk.restore_backup --from "$(FROM)"

shell:       ## talk to the assistant in the terminal (rasa shell)
	@RASA_TELEMETRY_ENABLED=false $(ASSISTANT) -m rasa shell --model $$($(PYTHON) tools/train.py)

activate:    ## print the line that puts `rasa` on your PATH:  eval "$(make -s activate)"
	@echo "export RASA_TELEMETRY_ENABLED=false SANIC_HOST=127.0.0.1 PATH=\"$$(dirname $(ASSISTANT)):\$$PATH\""

lock:        ## compile requirements/*.in to locked files with hashes
	@$(PYTHON) tools/lock.py

screenshots: ## make the README's pictures from a running product
	@$(DESK_DEV) tools/screenshots.py $(ARGS)
