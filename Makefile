# Each target sets up what it needs, and is quiet when that is up to date.
#   make demo                                   the bundled scene, the bundled model, the word "lake"
#   make demo RASTER=scene.tif TEXT="forest"    the same for a raster and a word of yours
#   make test | bench | package | setup | clean
#   make prove                                  the slow proofs: fine-tuning on the clock, about 10 minutes
#   make i18n                                   texts -> resources/i18n; says which lack their Korean
#   make guide                                  docs/guide/*.md -> the pages that F1 opens
#   make screenshots [SCENES="dialog results"]  docs/images from the real desktop
#   make test-qgis-next                         the host's tests on a newer QGIS, unpacked into build/

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup demo test prove test-qgis-next lint types qgis bench i18n guide screenshots package clean

BIN := .venv/bin
STAMP := .venv/.setup
RASTER ?= $(firstword $(wildcard resources/scenes/*.tif))
TEXT ?= lake
export RASTER TEXT PYTHON

help:
	@sed -n 's/^#   //p' Makefile

setup: $(STAMP)

$(STAMP): pyproject.toml tools/setup.sh
	@tools/setup.sh

demo: $(STAMP)
	@if [ -z "$$RASTER" ]; then echo "There is no scene in resources/scenes: make demo RASTER=scene.tif" >&2; exit 2; fi
	@mkdir -p build/demo && rm -f build/demo/masks.gpkg
	@$(BIN)/graft query "$$RASTER" --text "$$TEXT" --heatmap build/demo/heatmap.tif \
	    --masks build/demo/masks.gpkg --preview build/demo/preview.png
	@$(MAKE) qgis
	@$(BIN)/python -m tools.demo_picture "$$RASTER" "$$TEXT"

test: lint types qgis
	@$(BIN)/python -m pytest -q

prove: $(STAMP)
	@GRAFT_SLOW=1 $(BIN)/python -m pytest -q -s tests/training/local/test_trial.py

lint: $(STAMP)
	@$(BIN)/ruff check --quiet .

types: $(STAMP)
	@$(BIN)/mypy --no-error-summary

# The tests and the demo open their results in Debian's QGIS where it can be had, and say so where it cannot.
qgis:
	@{ /usr/bin/python3 -c "import qgis.core" && command -v qgis.bin && command -v Xvfb; } >/dev/null 2>&1 || \
	    [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
	    echo "Installing QGIS"; export DEBIAN_FRONTEND=noninteractive; \
	    { apt-get update && apt-get install -y --no-install-recommends qgis python3-qgis xvfb; } >/dev/null 2>&1 || \
	        echo "QGIS cannot be installed here: what needs it is skipped"; }

test-qgis-next: $(STAMP)
	@tools/qgis_next.sh $(TESTS)

i18n: $(STAMP)
	@$(BIN)/python tools/i18n.py

guide: $(STAMP)
	@$(BIN)/python -m tools.guide

screenshots: $(STAMP)
	@$(BIN)/python -m tools.screenshots $(SCENES)

bench: $(STAMP)
	@$(BIN)/python bench/bench.py

package:
	@if [ ! -f metadata.txt ]; then echo "There is no metadata.txt: the QGIS plugin is not in this tree yet" >&2; exit 2; fi
	@mkdir -p build && git archive --format=zip --prefix=graft/ -o build/graft.zip HEAD \
	    metadata.txt __init__.py graft_plugin training resources docs/guide docs/images LICENSE README.md && echo build/graft.zip

clean:
	@rm -rf build .ruff_cache .mypy_cache
