# SPDX-License-Identifier: GPL-2.0
SERIES ?= fixed
export LINUX
S := kernel/scripts

tree:
	@$(S)/tree $(SERIES)

.PHONY: tree
