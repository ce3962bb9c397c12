#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run all tests of the launcher; ends in "N passed, N failed, N skipped"."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    if len(sys.argv) > 1:
        os.environ["GMEM_LAUNCH_BUILD"] = os.path.abspath(sys.argv[1])
    suite = unittest.defaultTestLoader.discover(HERE, "test_*.py")
    total = suite.countTestCases()
    result = unittest.TextTestRunner(verbosity=1, buffer=True).run(suite)
    bad = {str(getattr(t, "test_case", t))
           for t, _ in result.failures + result.errors}
    for test, why in result.skipped:
        print(f"SKIP {test.id()}: {why}")
    failed, skipped = len(bad), len(result.skipped)
    if not total:
        print("no tests found")
        failed = 1
    print(f"{max(total - failed - skipped, 0)} passed, {failed} failed, "
          f"{skipped} skipped")
    return 1 if failed or not result.wasSuccessful() else 0


if __name__ == "__main__":
    sys.exit(main())
