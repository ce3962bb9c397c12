# SPDX-License-Identifier: GPL-2.0
# Run "make help" for the targets.

SERIES ?= fixed
VARIANT ?= uml
S := kernel/scripts

-include local.mk

export LINUX KERNEL SLOW FILTER MACHINE KARGS TIMEOUT JSON JOBS OUT SIGNOFF GROUP TYPE CPU SMP SIZES RUNS SVG
export PLATFORM DEPTH SAMPLE SEED WORKLOAD ID SKIP PATCHED ACCEL AGAIN PART TRACE RECORD LANE

ifeq ($(filter ops fixed rfc,$(SERIES)),)
$(error SERIES=$(SERIES): no such series; there are ops, fixed, rfc)
endif
ifeq ($(filter uml x86,$(or $(LANE),uml)),)
$(error LANE=$(LANE): no such lane; there are uml, x86)
endif
ifneq ($(words $(SERIES)),1)
$(error SERIES=$(SERIES): one series at a time)
endif

.DEFAULT_GOAL := help

help:			## list the targets
	@echo "Variables: SERIES=ops|fixed|rfc LINUX=/path/to/linux-7.2.y JOBS=n (local.mk may set them)"
	@sed -n 's/^\([a-z][a-z0-9-]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS="	" read -r t d; do printf '  make %-14s %s\n' "$$t" "$$d"; done

tree: deps-build	## assemble the kernel tree of a series in the cache
	@$(S)/tree $(SERIES)

series: deps-base	## write the mailable series and its cover letter to OUT= (out/series) [SIGNOFF="Name <mail>"]
	@$(S)/series $(SERIES)

series-check: export COMMITS := $(COMMITS)
series-check: export CHECKS := $(CHECKS)
series-check: export FORCE := $(FORCE)
series-check: export LIST := $(LIST)
series-check: deps-series	## git am the mails, check every commit [COMMITS="6-9 ops ..."] [CHECKS="x86-* ..."] [FORCE=1] [LIST=1]
	@$(S)/series-check $(SERIES)

absorb: deps-absorb	## fold edits and commits made in the tree back into the series [GROUP=ops|fixes|sim|rfc]
	@$(S)/absorb $(SERIES)

unlink:			## make the tree's links plain files until the next make tree, for git rebase there
	@$(S)/tree --unlink $(SERIES)

kernel: deps-build	## build the UML kernel
	@$(S)/build $(SERIES) $(VARIANT)

kunit: deps-build	## boot it and run the KUnit suites [FILTER=glob] [MACHINE=name] [JSON=file] [KARGS=...]
	@$(S)/kunit $(SERIES) $(VARIANT)

campaign: deps-build	## fail every step of the launch path in turn [PLATFORM=snp|tdx] [DEPTH=1|2] [WORKLOAD=name] [SAMPLE=n] [SEED=n]
	@$(S)/campaign $(SERIES)

repro: deps-build	## replay one injection of the campaign, with all that the kernel says: ID='...'
	@$(S)/campaign --repro $(SERIES)

coverage: deps-build	## which lines and error returns of the launch path do suites and campaign execute? [SAMPLE=n] [SKIP=run]
	@$(S)/coverage $(SERIES)

mutants: deps-build	## prove that the suites notice mistakes [SAMPLE=n [SEED=s]] [NAME="mutant ..."] [RESUME=1]
	@kunit/mutants/run $(NAME)

launcher: deps-run	# the program that is init inside UML
	@$(MAKE) -s -C sim/vmm O=$(CURDIR)/out/vmm

# The arguments and the image are checked before a kernel is built for them.
# Through the environment: a file may have any name.
define launch
	@set -- --launcher $(CURDIR)/out/vmm/gmem-launch --type "$$LAUNCH_TYPE" --image "$$LAUNCH_IMAGE"; \
	[ -z "$$CPU" ] || set -- "$$@" --cpu "$$CPU"; [ -z "$$SMP" ] || set -- "$$@" --smp "$$SMP"; \
	[ -z "$$JSON" ] || set -- "$$@" --json "$$JSON"; \
	[ -z "$$TRACE" ] || set -- "$$@" --trace "$$TRACE"; \
	[ "$$LANE" != x86 ] || exec $(S)/x86-launch $(SERIES) "$$@"; \
	sim/vmm/launch.py "$$@" --check && linux=$$($(S)/build $(SERIES) $(VARIANT)) && \
		sim/vmm/launch.py "$$@" --linux "$$linux"
endef

ifeq ($(LANE),x86)
run launch: deps-x86-test
endif
run: export LAUNCH_TYPE = $(or $(TYPE),$(if $(filter x86,$(LANE)),snp,both))
run: export LAUNCH_IMAGE = /usr/share/ovmf/OVMF.fd
launch: export LAUNCH_TYPE = $(TYPE)
launch: export LAUNCH_IMAGE = $(IMAGE)

run: launcher		## launch Debian's OVMF as an SNP guest and as a TD, compare digests [TYPE=snp|tdx] [CPU=model] [SMP=n] [JSON=file] [TRACE=file] [LANE=x86]
	$(launch)

launch: launcher	## launch an OVMF image: IMAGE=file TYPE=snp|tdx|both [CPU=model] [SMP=n] [JSON=file] [TRACE=file] [LANE=x86]
	$(launch)

bench: deps-run		## time of a large populate by what it is spent on [TYPE=snp|tdx|both] [SIZES="MIN MAX [STEP]"] [RUNS=n] [JSON=file] [SVG=file]
	@$(MAKE) -s -C sim/vmm O=$(CURDIR)/out/vmm $(CURDIR)/out/vmm/gmem-bench
	@$(S)/bench $(SERIES) $(CURDIR)/out/vmm/gmem-bench

# Paths are relative to where make was called.
replay: deps-sim
	@$(MAKE) -s -C sim/lib build/replay

conformance: replay	## replay traces of real firmware on the simulated one: TRACES=file|dir [MODULE=1.5.01|later]
	@sim/lib/build/replay $(if $(MODULE),-m $(MODULE)) $(or $(TRACES),sim/lib/traces)

digests: replay		## launch digest vectors on the simulated firmware: VECTORS=file|dir
	@sim/lib/build/replay $(or $(VECTORS),sim/lib/traces/digest_vectors.jsonl.gz)

trace-check: export FILE := $(value FILE)
trace-check: deps-sim	## replay what tracepoints recorded on real firmware: FILE=trace [MODULE=1.5.01|later]
	@[ -n "$$FILE" ] || { echo "FILE is missing: FILE=trace, the text of /sys/kernel/tracing/trace" >&2; exit 2; }
	@$(MAKE) -s -C sim/lib build/trace-check
	@sim/lib/build/trace-check $(if $(MODULE),-m $(MODULE)) "$$FILE"

fuzz: deps-fuzz		## fuzz both simulated firmwares: TIME=seconds (60)
	@$(MAKE) -s -C sim/lib fuzzers && sim/lib/fuzz.py --time $(or $(TIME),60)

selftests: deps-build	## the kernel's own KVM selftests inside UML [FILTER=glob] [SLOW=1] [JSON=file] [KERNEL=linux]
	@$(S)/selftests $(SERIES) $(VARIANT)

x86-objects: deps-x86	## compile for x86_64, built in and as modules, link the modules
	@$(S)/x86-objects $(SERIES)

x86-cost: $(if $(filter cycles,$(PART)),deps-x86-test,deps-x86)	## what the ops cost with the simulator off: objects for x86_64, or instructions per page [PART=objects|cycles] [RECORD=1]
	@$(S)/x86-cost $(SERIES)

x86: deps-x86		## build the x86_64 kernel, or with PATCHED=0 the one without the series
	@$(S)/x86 $(SERIES)

x86-test: deps-x86-test	## under QEMU on x86_64: the kernel's own KVM selftests, patched and unpatched; KUnit suites; a launch [PART=selftests|kunit|launch] [FILTER=glob] [ACCEL=tcg|kvm] [AGAIN=1] [JSON=file]
	@$(S)/x86-test $(SERIES)

hw-kit: export CONFIG := $(value CONFIG)
hw-kit: $(if $(filter tools,$(PART)),deps-run,deps-hw-kit)	## for a machine with SNP or TDX: kernel as Debian packages, launcher, scripts, in OUT= (out/hw-kit) [CONFIG=file] [PART=tools]
	@$(S)/hw-kit $(SERIES)

series-quick: deps-x86	## git am and compile at every boundary of groups
	@$(S)/series-quick

test: deps-test		## run every check [CHECKS="name ..."]; ends with N passed, N failed, N skipped
	@$(S)/test $(CHECKS)

nightly: deps-nightly	## the suites under KASAN and whatever else takes long [CHECKS="name ..."]
	@CHECKS_FILE=$(S)/checks-nightly $(S)/test $(CHECKS)

prune:			## remove trees of checkouts that are gone from the cache
	@$(S)/tree --prune

deps-%:
	@$(S)/deps $*

.PHONY: help replay conformance digests trace-check fuzz tree series series-check absorb unlink kernel kunit campaign repro coverage mutants launcher run launch bench selftests x86-objects x86-cost x86 x86-test hw-kit series-quick test nightly prune
