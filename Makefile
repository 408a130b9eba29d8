# make results | verify | release | study | test | fuzz | check | bench: each sets itself up in .venv from requirements.lock.
PYTHON ?= python3
CORES ?= 2
SECONDS ?= 600
RELEASE ?= release
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv/.peers

.PHONY: results verify release study test fuzz check bench clean

# PREVIOUS=2026-07-01 compares the newest data drop with that one, not with the last but one.
results: $(READY)
	@$(BIN)/recohort run --cores $(CORES) $(if $(PREVIOUS),--previous $(PREVIOUS))

# Computes everything again in a temporary folder and compares each byte with results/.
verify: $(READY)
	@$(BIN)/recohort verify --cores $(CORES)

# Copies what may leave into a folder, with a list of what and why; refuses whatever tells of a single patient.
release: $(READY)
	@$(BIN)/recohort release "$(RELEASE)"

# Looks at an extract and writes data/NAME/study.yaml, a draft: make study NAME=mystudy EXTRACT=path/to/extract.csv
# SHEET= names the sheet of a workbook, SKIP= says how many lines are above the header, where the draft took others.
study: $(READY)
	@$(BIN)/recohort study "$(NAME)" "$(EXTRACT)" --sheet "$(SHEET)" --skip "$(SKIP)"

# COVERAGE=1 says how much of the package the tests of one pass run, in this process; that costs some time.
test: $(READY)
	@$(BIN)/python -m pytest -n $(CORES) $(if $(COVERAGE),--cov --cov-report=)
	@$(if $(COVERAGE),echo "Coverage: $$($(BIN)/coverage report --format=total) % of the lines of the package")
	@echo "Again with the text type of pandas 3:"
	@PANDAS_FUTURE_INFER_STRING=1 $(BIN)/python -m pytest -n $(CORES)

# Damages extracts, protocols and claims in every way for SECONDS, and counts what that gave; SEED=1 gives one run again.
fuzz: $(READY)
	@$(BIN)/python tests/fuzz.py --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/snakefmt --check Snakefile workflow/rules

# All tasks, or some: make bench TASKS="cox read"; QUICK=1 only shows that they work.
bench: $(PEERS)
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(TASKS)

clean:
	rm -rf results .venv

# Byte code is compiled here: imports cost three times more without it.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "recohort needs Python 3.11 or later: make PYTHON=python3.12")'
	@echo "Setting up .venv from requirements.lock (once, a few minutes)"
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q -j 0 .venv/lib workflow/scripts || true
	@touch $@

# What only the benchmark needs; a peer that cannot be installed is left out, and said to be.
$(PEERS): $(READY) bench/requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bench/requirements.lock \
		&& touch $@ || echo "bench/requirements.lock was not installed: peers are missing" >&2
