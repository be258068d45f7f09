# Every target sets up its own .venv first and says what it does. PYTHON=python3.12 chooses
# another Python (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
# Small matrices run fastest on one thread.
export OPENBLAS_NUM_THREADS ?= 1
# CHAPTER=notebooks/02_forward_pass.ipynb limits `notebooks` and `portability` to one.
CHAPTER ?=
MODULES ?=
# In a container one is often root, which JupyterLab wants to be told.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

.PHONY: help lab test series notebooks images pictures models recipes languages longer bench mutants \
  portability classroom-setup slides handout classroom course clean

help:  ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

.venv/installed: requirements.txt pyproject.toml
	@echo "== Setting up .venv (once; a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@# Matplotlib lists the fonts of the machine once; do it here, not in a chapter.
	@$(BIN)/python -c 'import matplotlib.pyplot' 2>/dev/null
	@touch .venv/installed

# The root is the repository: the chapters show ../images and link to ../rnn_helpers. Given as
# default_url, the chapter is also in the address that the terminal prints.
lab: .venv/installed  ## Open JupyterLab on the first chapter.
	@echo "== JupyterLab opens in your browser; stop it here with Ctrl+C"
	$(BIN)/jupyter lab $(AS_ROOT) --config=tools/jupyter_server_config.py --ServerApp.root_dir=. \
	  --LabApp.default_url=/lab/tree/notebooks/01_encoding.ipynb

test: .venv/installed  ## Check everything: code, helpers, every chapter's stored output.
	@echo "== The helpers, the pages, and every chapter compared with what it stores"
	$(BIN)/ruff check --quiet .
	@# Two files at a time, in the order of the alphabet: the long ones, in a browser, come early.
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

series: .venv/installed  ## Write what follows from the list of chapters and modules.
	$(BIN)/python tools/series.py

notebooks: series  ## Run every chapter again and store its outputs.
	$(BIN)/python tools/execute_notebooks.py $(CHAPTER)

images: .venv/installed  ## Draw every diagram again.
	@for script in images/*.py; do $(BIN)/python $$script; done

pictures: .venv/installed  ## Take the pictures of the widgets again (needs Chromium).
	KEEP_PICTURES=1 $(BIN)/python -m pytest tests/test_browser.py \
	  tests/test_browser_widgets.py tests/test_browser_clusters.py -k "not chapter_runs"

models: .venv/installed  ## Train the stored models again (about ten minutes).
	$(BIN)/python data/make_models.py

recipes: .venv/installed  ## Run the four recipes of chapter 07 that are not stored yet (long).
	@echo "== Ten to twenty minutes for all; stop it with Ctrl+C, the next time it goes on"
	$(BIN)/python notebooks/gradient_detective_recipes.py

languages: .venv/installed  ## Train the networks of chapter 09 that are not stored yet (long).
	@echo "== Half an hour for all; stop it with Ctrl+C, the next time it goes on"
	$(BIN)/python notebooks/how_low_runs.py

longer: .venv/installed  ## Run the races of chapter 10 that are not stored yet (long).
	@echo "== An hour for all; stop it with Ctrl+C, the next time it goes on"
	$(BIN)/python notebooks/longer_runs.py
	$(BIN)/python notebooks/longer_adding.py
	$(BIN)/python notebooks/longer_novel.py

bench: .venv/installed  ## Measure the speed, beside a textbook loop, C and what is installed.
	@echo "== About ten minutes, and some more where PyTorch compiles; for PyTorch and JAX: .venv/bin/pip install -r requirements-bench.txt"
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.on_gpu
	$(BIN)/python images/speed.py

mutants: .venv/installed  ## Break the package in many ways, and count what the tests notice (an hour or more).
	@echo "== An hour or more; stop it with Ctrl+C, the next time it goes on. MODULES='loss bptt' limits it"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'cosmic-ray>=8.3,<9'
	$(BIN)/python tools/mutants.py $(MODULES)

portability: .venv/installed  ## Compare the chapters under other BLAS kernels, hash seeds and first weights.
	@for kernel in Haswell Nehalem; do for seed in 0 1; do \
	  echo "== $$kernel, hash seed $$seed"; \
	  OPENBLAS_CORETYPE=$$kernel PYTHONHASHSEED=$$seed $(BIN)/python -m pytest $(or $(CHAPTER),notebooks) \
	    || exit 1; \
	done; done
	@for nudge in 1 2 3; do \
	  echo "== first weights changed by a part in 10^13, seed $$nudge"; \
	  RNN_NUDGE=$$nudge PYTHONPATH=$(CURDIR)/tools/nudge $(BIN)/python -m pytest $(or $(CHAPTER),notebooks) \
	    || exit 1; \
	done

classroom-setup: .venv/installed  ## Fetch what the classroom kit needs (once; then no network).
	$(BIN)/python tools/classroom_kit.py setup

slides: .venv/installed  ## Make slides of every chapter, in build/classroom.
	$(BIN)/python tools/classroom_kit.py slides

handout: .venv/installed  ## Make handouts to print, with room to write.
	$(BIN)/python tools/classroom_kit.py handout

classroom: .venv/installed  ## Make the student and the teacher edition.
	$(BIN)/python tools/classroom_kit.py editions

course: .venv/installed  ## Make a course for nbgrader from the exercises.
	$(BIN)/python tools/classroom_kit.py course

clean:  ## Remove .venv and caches.
	rm -rf .venv .venv-classroom .pytest_cache .ruff_cache .hypothesis *.egg-info
