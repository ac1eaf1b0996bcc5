# Every target first sets up what it needs in .venv, from the locked, hash-checked lists in requirements/.
#   make run PYTHON=python3.12     takes another interpreter than the first suitable one on PATH
#   make test VENV=.venv-3.13      keeps another environment beside the first

VENV ?= .venv
BIN  := $(VENV)/bin
ENGINES := $(VENV)-engines
TEST := $(BIN)/pytest -n auto --dist worksteal
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-slow test-engines test-lowest check coverage format docs pages simulated dist lock clean run-ready dev-ready engines-ready needs-uv

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: run-ready ## run the bundled study: prints its tables, writes results/
	@$(BIN)/eventstudy run

test: dev-ready ## run the default tests, on all cores
	@$(TEST)

test-slow: dev-ready ## run every test: simulations, fuzzing and stress too
	@$(TEST) -m "not engines and not live" --hypothesis-profile=thorough

test-engines: engines-ready ## before a release: large studies on Dask, Ray and Spark (needs Java; in .venv-engines)
	@$(ENGINES)/bin/pytest -m engines tests/engine

test-lowest: needs-uv ## run the default tests on the lowest versions allowed (needs uv)
	@uv venv --quiet --clear --python "$${PYTHON:-3.11}" $(VENV)-lowest
	@uv pip install --quiet --python $(VENV)-lowest/bin/python --resolution lowest-direct --group dev -e .
	@$(VENV)-lowest/bin/pytest

check: dev-ready ## formatting, lint, types, then the default tests
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy
	@$(TEST)

coverage: dev-ready ## run the default tests and show which lines of the package they leave out
	@$(TEST) --cov --cov-report=term

format: dev-ready ## format the code and mend what lint can mend
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

docs: dev-ready ## build the documentation into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

simulated: dev-ready ## for a release: simulate size and power of every test anew (about an hour)
	@$(BIN)/python docs/build_simulated.py
	@$(BIN)/python docs/build_headline_simulated.py
	@$(BIN)/python docs/build_volatile_simulated.py
	@$(BIN)/python docs/build_specifications_simulated.py
	@$(BIN)/python docs/build_one_date_simulated.py
	@$(BIN)/python docs/build_thin_simulated.py
	@$(BIN)/python docs/build_models_simulated.py
	@$(BIN)/python docs/build_peers_simulated.py
	@$(BIN)/python docs/build_autocorrelation_simulated.py
	@$(BIN)/python docs/build_betas_simulated.py
	@$(BIN)/python docs/build_gaps_simulated.py
	@$(BIN)/python docs/build_sessions_simulated.py
	@$(BIN)/python docs/build_long_run_simulated.py
	@$(BIN)/python docs/build_cross_sections_simulated.py
	@$(BIN)/python docs/build_methods.py
	@$(BIN)/python docs/build_blocks.py

pages: dev-ready ## write the generated pages and tables of the documentation anew
	@for script in $(filter-out %_simulated.py %_picture.py %_published.py,$(wildcard docs/build_*.py)); do \
		$(BIN)/python $$script || exit; done

dist: run-ready ## build the source archive and the wheel into dist/
	@rm -rf dist && mkdir dist
	@$(BIN)/python -c "from flit_core.buildapi import *; build_sdist('dist'); build_wheel('dist')"

lock: needs-uv ## lock the dependencies anew (needs uv; FLAGS=--upgrade for newer versions)
	@$(LOCK) $(FLAGS) --group dev pyproject.toml --output-file requirements/dev.txt
	@$(LOCK) $(FLAGS) --group engines --constraints requirements/dev.txt pyproject.toml --output-file requirements/engines.txt
	@$(LOCK) $(FLAGS) --group build --constraints requirements/dev.txt pyproject.toml --output-file requirements/run.txt

clean: ## remove the environments and the tools' caches
	@rm -rf $(VENV) $(VENV)-* .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* dist

run-ready:
	@requirements/install $(VENV) run

dev-ready:
	@requirements/install $(VENV) dev

engines-ready:
	@requirements/install $(ENGINES) engines

needs-uv:
	@command -v uv >/dev/null || { echo "This target needs uv: python3 -m pip install uv" >&2; exit 1; }
