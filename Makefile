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
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m recohort.run.lock snakemake --cores $(CORES) --workflow-profile workflow/profiles/local $(if $(PREVIOUS),--config previous=$(PREVIOUS)) \
		|| { echo "The run failed. If no reason is shown above: snakemake --cores $(CORES)" >&2; exit 1; }
	@echo "Report: results/report.html"

# Computes everything again in a temporary folder and compares each byte with results/.
verify: $(READY)
	@$(BIN)/python -m recohort.run.verify --cores $(CORES)

# Copies what may leave into a folder, with a list of what and why; refuses whatever tells of a single patient.
release: $(READY)
	@$(BIN)/python -m recohort.run.lock $(BIN)/python -m recohort.release "$(RELEASE)"

# Looks at an extract and writes data/NAME/study.yaml, a draft: make study NAME=mystudy EXTRACT=path/to/extract.csv
# SHEET= names the sheet of a workbook, SKIP= says how many lines are above the header, where the draft took others.
study: $(READY)
	@$(BIN)/python workflow/scripts/draft.py "$(NAME)" "$(EXTRACT)" "$(SHEET)" "$(SKIP)"

test: $(READY)
	@$(BIN)/python -m pytest -n $(CORES)
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
