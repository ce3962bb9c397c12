#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Launches whose ioctls say "again": see test_again.c."""

import os
import subprocess
import unittest

BUILD = os.environ.get("GMEM_LAUNCH_BUILD", "build")


class Again(unittest.TestCase):
    def run_on(self, kind):
        r = subprocess.run([os.path.join(BUILD, f"test_again_{kind}")],
                           capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stdout)
        self.assertRegex(r.stdout, r"^[1-9]\d* cases, 0 failed\n$")

    def test_snp(self):
        self.run_on("snp")

    def test_tdx(self):
        self.run_on("tdx")


if __name__ == "__main__":
    unittest.main()
