#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The runner, with programs in place of the kernel that end in every way."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import ovmf

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import measure  # noqa: E402

BUILD = os.environ.get("GMEM_LAUNCH_BUILD", "build")
RUNNER = os.path.join(os.path.dirname(HERE), "launch.py")

# A stand-in for the kernel: finds its arguments as init would.
KERNEL = """#!/usr/bin/env python3
import json, os, sys, time
words = open(sys.argv[-1].strip('"')[1:]).read().splitlines()
arg = dict(zip(words[::2], words[1::2]))
def put(name, text):
    with open(arg[name], "w") as f:
        f.write(text)
print("Linux version stand-in", flush=True)
{body}
"""

RESULT = """
put("--stdout", "image ok\\n")
put("--json", json.dumps(%s[arg["--type"]]))
put("--result", "0\\n")
"""


def alive(pid):
    """A zombie that nobody has collected yet is dead."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Runner(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory(prefix="with blank ")
        self.dir = self.tmp.name
        self.image = os.path.join(self.dir, "image.fd")
        self.data = ovmf.synthetic()
        with open(self.image, "wb") as f:
            f.write(self.data)

    def tearDown(self):
        self.tmp.cleanup()

    def kernel(self, body):
        path = os.path.join(self.dir, "linux")
        with open(path, "w") as f:
            f.write(KERNEL.replace("{body}", body))
        os.chmod(path, 0o755)
        return path

    def good(self, smp=1, cpu="EPYC-v4", pages=0, final=None, mrtd=None,
             read=None):
        before = measure.measure(self.data, cpu, smp, with_vmsa=False)
        after = measure.measure(self.data, cpu, smp)
        td = measure.measure_tdx(self.data)
        snp = {"image": {}, "pages": {"total": after.pages + pages},
               "digest": {"image_and_metadata": before.digest.hex(),
                          "final": final or after.digest.hex()},
               "guest_pages": before.pages if read is None else read}
        tdx = {"image": {}, "pages": {"total": td.pages + pages},
               "ram": 128 << 20, "digest": {"mrtd": mrtd or td.digest.hex()},
               "guest_pages": td.pages if read is None else read}
        return RESULT % repr({"snp": snp, "tdx": tdx})

    def run_it(self, *more, body=None, args=None, kind="snp"):
        if args is None:
            args = ["--image", self.image, "--type", kind]
        linux = self.kernel(body if body is not None else self.good())
        env = dict(os.environ, TMPDIR=self.dir)
        return subprocess.run(
            [sys.executable, RUNNER, "--linux", linux, "--launcher",
             os.path.join(BUILD, "gmem-launch"), *args, *more],
            capture_output=True, text=True, env=env)

    def one_line(self, r, text):
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        self.assertRegex(r.stderr, text)
        self.assertEqual(r.stdout, "")

    def left_over(self):
        return [d for d in os.listdir(self.dir)
                if d.startswith("gmem-launch-")]

    def test_success(self):
        r = self.run_it("--smp", "4", body=self.good(4))
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("image ok\n", r.stdout)
        self.assertEqual(r.stdout.count(": equal"), 2)
        self.assertNotIn("stand-in", r.stdout + r.stderr)
        self.assertEqual(self.left_over(), [])

    def test_json(self):
        path = os.path.join(self.dir, "out.json")
        r = self.run_it("--json", path)
        self.assertEqual(r.returncode, 0, r.stderr)
        with open(path) as f:
            result = json.load(f)
        self.assertEqual(len(result["image"]["sha256"]), 64)
        self.assertTrue(all(c["equal"] for c in result["checks"]))
        self.assertEqual(len(result["checks"]), 2)

    def test_wrong_final_digest(self):
        r = self.run_it(body=self.good(final="0" * 96))
        self.assertEqual(r.returncode, 1)
        self.assertIn("final: DIFFERENT", r.stdout)
        self.assertIn("the launch is not what it should be", r.stderr)

    def test_wrong_mrtd(self):
        r = self.run_it(body=self.good(mrtd="0" * 96), kind="tdx")
        self.assertEqual(r.returncode, 1)
        self.assertIn("calculator mrtd: DIFFERENT", r.stdout)
        self.assertIn("the launch is not what it should be", r.stderr)

    def test_tdx(self):
        path = os.path.join(self.dir, "out.json")
        r = self.run_it("--json", path, kind="tdx")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("calculator mrtd: equal\n", r.stdout)
        with open(path) as f:
            result = json.load(f)
        self.assertEqual([c["what"] for c in result["checks"]], ["mrtd"])
        self.assertEqual(self.left_over(), [])

    def test_both(self):
        """A machine each; what one does wrong is not hidden by the other."""
        path = os.path.join(self.dir, "out.json")
        r = self.run_it("--json", path, kind="both")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(r.stdout.count("image ok\n"), 2)
        self.assertEqual(r.stdout.count(": equal"), 3)
        with open(path) as f:
            result = json.load(f)
        self.assertEqual(list(result), ["snp", "tdx"])
        for bad in ({"mrtd": "0" * 96}, {"final": "0" * 96}):
            r = self.run_it(body=self.good(**bad), kind="both")
            self.assertEqual(r.returncode, 1)
            self.assertEqual(r.stdout.count("image ok\n"), 2)
            self.assertEqual(r.stdout.count(": DIFFERENT"), 1)

    def test_machines(self):
        """Which CPU the kernel is told to have."""
        tell = 'sys.stderr.write(" ".join(sys.argv) + "\\n")\n'
        for kind, smp, words in (("snp", 2, ()),
                                 ("tdx", 1, ("sim_cpu=intel",
                                             "kvm_intel.tdx=1")),
                                 ("tdx", 2, ("sim_cpu=intel", "ncpus=2",
                                             "sim_lps=2"))):
            with self.subTest(type=kind, smp=smp):
                r = self.run_it("--smp", str(smp), "--keep", kind=kind,
                                body=tell + self.good(smp))
                self.assertEqual(r.returncode, 0, r.stderr)
                kept = re.search(r"kernel messages are in (.*)", r.stderr)[1]
                with open(kept) as f:
                    line = f.read().splitlines()[-1].split()
                for word in words:
                    self.assertIn(word, line)
                self.assertEqual("sim_cpu=intel" in line, kind == "tdx")
                self.assertEqual("ncpus=2" in line, (kind, smp) == ("tdx", 2))

    def test_guest_that_did_not_read_everything(self):
        for kind in "snp", "tdx":
            with self.subTest(type=kind):
                r = self.run_it(body=self.good(read=1), kind=kind)
                self.assertEqual(r.returncode, 1)
                self.assertIn("guest_pages: DIFFERENT", r.stdout)

    def test_guest_that_was_not_run(self):
        body = self.good().replace("'guest_pages'", "'else'")
        r = self.run_it(body=body)
        self.assertEqual(r.returncode, 1)
        self.assertIn("guest_pages: DIFFERENT", r.stdout)

    def test_refused_to_run(self):
        """A simulated CPU can run what it has launched."""
        body = self.good().replace("'guest_pages'", "'run': 'refused', 'x'")
        r = self.run_it(body=body)
        self.assertEqual(r.returncode, 1)
        self.assertIn("guest_pages: DIFFERENT", r.stdout)
        self.assertIn("run: DIFFERENT", r.stdout)

    def test_terminated(self):
        """No kernel stays behind."""
        pids = os.path.join(self.dir, "pids")
        linux = self.kernel(f"""
child = os.fork()
if child:
    with open({pids + ".new"!r}, "w") as f:
        f.write(f"{{os.getpid()}} {{child}}")
    os.rename({pids + ".new"!r}, {pids!r})
time.sleep(60)
""")
        p = subprocess.Popen(
            [sys.executable, RUNNER, "--linux", linux, "--launcher",
             os.path.join(BUILD, "gmem-launch"), "--image", self.image,
             "--type", "snp"], stderr=subprocess.DEVNULL,
            env=dict(os.environ, TMPDIR=self.dir))
        end = time.monotonic() + 30
        while not os.path.exists(pids) and time.monotonic() < end:
            time.sleep(0.05)
        with open(pids) as f:
            running = [int(n) for n in f.read().split()]
        p.terminate()
        self.assertEqual(p.wait(30), 143)
        for pid in running:
            end = time.monotonic() + 10
            while alive(pid) and time.monotonic() < end:
                time.sleep(0.05)
            self.assertFalse(alive(pid))

    def test_digest_of_another_vcpu_count(self):
        r = self.run_it("--smp", "2", body=self.good(1))
        self.assertEqual(r.returncode, 1)
        self.assertIn("final: DIFFERENT", r.stdout)
        self.assertIn("metadata: equal", r.stdout)

    def test_wrong_number_of_pages(self):
        r = self.run_it(body=self.good(pages=1))
        self.assertEqual(r.returncode, 1)
        self.assertIn("pages: DIFFERENT", r.stdout)

    def test_no_digest(self):
        body = self.good() + """
put("--json", json.dumps({"image": {}, "pages": {}, "digest": None}))
"""
        r = self.run_it(body=body)
        self.assertEqual(r.returncode, 1)
        self.assertIn("tells no launch digest", r.stderr)

    def test_launcher_fails(self):
        r = self.run_it(body="""
put("--stderr", "gmem-launch: KVM_CREATE_VM: no\\n")
put("--result", "1\\n")
""")
        self.one_line(r, "^gmem-launch: KVM_CREATE_VM: no\n$")
        self.assertEqual(self.left_over(), [])

    def test_panic(self):
        r = self.run_it(body="""
print("Kernel panic - not syncing: VFS: nothing works")
sys.exit(134)
""")
        self.assertEqual(r.returncode, 1)
        self.assertIn("the kernel ended without a result", r.stderr)
        self.assertIn("  | Kernel panic - not syncing", r.stderr)
        kept = re.search(r"kernel messages are in (.*)", r.stderr)[1]
        with open(kept) as f:
            self.assertIn("stand-in", f.read())

    def test_hang(self):
        r = self.run_it("--timeout", "1", body="""
if os.fork() == 0:
    time.sleep(60)
time.sleep(60)
""")
        self.assertEqual(r.returncode, 1)
        self.assertIn("did not finish within 1 s", r.stderr)
        self.assertIn("stand-in", r.stderr)

    def test_warning_during_a_good_launch(self):
        for text in ("WARNING: CPU: 0 PID: 1 at arch/x86/kvm/x.c:1",
                     "BUG: KASAN: use-after-free in x",
                     "WARNING: possible circular locking dependency"):
            with self.subTest(text):
                r = self.run_it(body=self.good() + f'\nprint("{text}")\n')
                self.assertEqual(r.returncode, 1)
                self.assertIn(f"the kernel reported: {text}", r.stderr)

    def test_arguments(self):
        image = ["--image", self.image]
        snp = ["--type", "snp"]
        for args, text in (
                (snp, "IMAGE is missing"),
                (["--image", "", *snp], "IMAGE is missing"),
                (["--image", self.dir + "/none", *snp], "none: no such file"),
                (["--image", "/proc/self/exe", *snp],
                 "lies in /dev, /proc or /sys"),
                (image, "TYPE is missing"),
                ([*image, "--type", ""], "TYPE is missing"),
                ([*image, "--type", "sev"], "TYPE=sev: unknown"),
                ([*image, "--type", "tdx", "--cpu", "EPYC"],
                 "CPU=EPYC: a TD has the CPU of its host"),
                ([*image, *snp, "--cpu", "Xeon"], "CPU=Xeon: unknown"),
                ([*image, *snp, "--smp", "0"], "SMP=0: should be a number"),
                ([*image, *snp, "--smp", "65"], "SMP=65: should be a number"),
                ([*image, *snp, "--smp", "x"], "SMP=x: should be a number"),
                ([*image, *snp, "--json", "/no/x"],
                 "its directory does not exist"),
                ([*image, *snp, "--trace", "/no/x"],
                 "TRACE=/no/x: its directory does not exist"),
                ([*image, *snp, "--trace", self.dir],
                 "a directory; give the name of a file"),
                ([*image, *snp, "--linux", "/no/x"], "no such program"),
        ):
            with self.subTest(args=args):
                self.one_line(self.run_it(args=args), text)

    def test_trace(self):
        """Recorded in a file per machine, behind what is known of the machine."""
        body = """
assert any(a.startswith("trace_event=rmp:*") for a in sys.argv)
print("SEV-SNP: RMP table physical range [0x0016e00000 - 0x0016ffffff]")
print("kvm_amd: SEV enabled (ASIDs 501 - 1006)")
print("kvm_amd: SEV-SNP enabled (ASIDs 1 - 500)")
print("virt/tdx: BIOS enabled: private KeyID range [32, 64)", flush=True)
put("--trace", "# tracer: nop\\n")
put("--stderr", "no launch\\n")
put("--result", "1\\n")
"""
        trace = os.path.join(self.dir, "t.txt.gz")
        r = self.run_it("--trace", trace, body=body, kind="both")
        self.assertEqual(1, r.returncode, r.stderr)
        for kind in ("snp", "tdx"):
            # A launch that fails is recorded as well.
            with gzip.open(os.path.join(self.dir, f"t-{kind}.txt.gz"), "rt") as f:
                lines = f.read().splitlines()
            for fact in ("rmp 0016e00000-0016ffffff", "asids max 1006 sev 501",
                         "hkids shift 46", "package 0 cpus 0-63"):
                self.assertIn("# machine: " + fact, lines)
            self.assertRegex("\n".join(lines), "machine: memory 0-[0-9a-f]+fff\n")
            self.assertEqual("# tracer: nop", lines[-1])

    def test_bad_image_needs_no_kernel(self):
        with open(self.image, "wb") as f:
            f.write(self.data[:-1])
        r = self.run_it(body='open(os.devnull + "x", "w")')
        self.one_line(r, "^gmem-launch: .*: size: .*, not a multiple")


class Launcher(unittest.TestCase):
    """What needs no SNP host, or the lack of one."""

    def launch(self, *args):
        return subprocess.run([os.path.join(BUILD, "gmem-launch"), *args],
                              capture_output=True, text=True)

    def refused(self, args, text):
        with tempfile.NamedTemporaryFile() as f:
            f.write(ovmf.synthetic())
            f.flush()
            r = self.launch("--image", f.name, *args)
        self.assertEqual(r.returncode, 1, r.stdout)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        self.assertRegex(r.stderr, "^gmem-launch: .*" + text)
        self.assertEqual(r.stdout, "")

    def test_host_without_snp(self):
        if os.path.exists("/sys/module/kvm_amd/parameters/sev_snp"):
            self.skipTest("this host may have SNP")
        self.refused((), "(/dev/kvm: |VM type 4 .SNP. is not supported|"
                     "KVM of this kernel lacks)")

    def test_memory(self):
        self.refused(("--ram", "8"),
                     r"end of section 0 \(ZERO\): 0x809000, beyond guest "
                     r"memory of 0x800000 bytes")
        self.refused(("--ram", "4096"), "--ram: 4096, should be a number")

    def test_arguments(self):
        for args, text in (
                (("--smp", "65"), "--smp: 65, should be a number"),
                (("--policy", "-1"), "--policy: -1, should be a number"),
                (("--features", "2"), "--features: 2, bit 0"),
                (("--type", "sev"), "--type: sev, should be one of: snp tdx"),
                (("extra",), "unexpected argument: extra")):
            with self.subTest(args=args):
                self.refused(args, text)

    def test_words_from_a_file(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("--image\n/no such file\n--smp\n2\n")
            f.flush()
            r = self.launch("@" + f.name)
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr, "gmem-launch: /no such file: open: No such "
                         "file or directory\n")


class Models(unittest.TestCase):
    def test_same_models_as_the_calculator(self):
        r = subprocess.run([os.path.join(BUILD, "gmem-launch"),
                            "--list-cpus"], capture_output=True, text=True)
        self.assertEqual(sorted(r.stdout.split()), sorted(measure.CPUS))


class RealKernel(unittest.TestCase):
    """The whole way, if there is a kernel to go it with."""

    def setUp(self):
        self.linux = os.environ.get("GMEM_LINUX")
        if not self.linux:
            self.skipTest("GMEM_LINUX does not name a UML kernel")

    def launch(self, image, *more, kind="snp"):
        with tempfile.NamedTemporaryFile("r") as f:
            r = subprocess.run(
                [sys.executable, RUNNER, "--linux", self.linux, "--launcher",
                 os.path.join(BUILD, "gmem-launch"), "--image", image,
                 "--type", kind, "--json", f.name, *more],
                capture_output=True, text=True)
            text = f.read()
        return r, json.loads(text) if text else None

    def launches(self, image, smp, cpu="EPYC-v4", sources=("calculator",)):
        r, result = self.launch(image, "--smp", str(smp), "--cpu", cpu)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertNotIn("DIFFERENT", r.stdout)
        for source in sources:
            equal = [c["what"] for c in result["checks"]
                     if c["source"] == source and c["equal"]]
            self.assertEqual(equal, ["image_and_metadata", "final"])

        # What the launch says it did, the firmware says too.
        pages = result["pages"]
        self.assertEqual(pages["VMSA"], smp)
        self.assertEqual(sum(n for t, n in pages.items() if t != "total"),
                         pages["total"])
        self.assertEqual(result["calls"]["SNP_LAUNCH_UPDATE"],
                         pages["total"] + bool(result["cpuid_corrections"]))
        self.assertEqual(result["violations"], 0)
        # The guest can read all but its own save areas.
        self.assertEqual(result["guest_pages"], pages["total"] - smp)
        return result

    def launches_td(self, image, smp=1, sources=("calculator",), later=0):
        r, result = self.launch(image, "--smp", str(smp), kind="tdx")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertNotIn("DIFFERENT", r.stdout)
        self.assertEqual([(c["source"], c["what"], c["equal"])
                          for c in result["checks"]],
                         [(source, "mrtd", True) for source in sources])

        # What the launch says it did, the module says too.
        with open(image, "rb") as f:
            sections = measure.Image(f.read()).tdx_sections
        measured = sum(s[3] for s in sections if s[5] == measure.MR_EXTEND)
        pages = result["pages"]
        calls = result["calls"]
        self.assertEqual(sum(n for t, n in pages.items() if t != "total"),
                         pages["total"])
        self.assertEqual(calls["TDH.MEM.PAGE.ADD"], pages["total"])
        self.assertEqual(calls.get("TDH.MR.EXTEND", 0), measured // 256)
        self.assertEqual(calls["TDH.VP.INIT"], smp)
        self.assertEqual(calls["TDH.MR.FINALIZE"], 1)
        self.assertEqual(result["violations"], 0)
        self.assertEqual(result["guest_pages"], pages["total"])
        self.assertEqual(result["pages_later"], later)
        self.assertEqual(result["accepted_pages"], later)
        return result

    def made_up(self, sections=ovmf.SECTIONS, tdx=None):
        f = tempfile.NamedTemporaryFile()
        f.write(ovmf.synthetic(sections=sections, tdx=tdx))
        f.flush()
        self.addCleanup(f.close)
        return f.name

    def test_kernel_messages(self):
        """They are read, so that a warning among them would be noticed."""
        r, _ = self.launch(self.made_up(), "--keep")
        kept = re.search(r"kernel messages are in (.*)", r.stderr)[1]
        self.addCleanup(shutil.rmtree, os.path.dirname(kept))
        with open(kept) as f:
            text = f.read()
        self.assertIn("Linux version ", text)
        self.assertIn("as init process", text)

    def test_every_section_type(self):
        result = self.launches(self.made_up(ovmf.SECTIONS), 1)
        self.assertEqual(result["pages"],
                         {"NORMAL": 4, "VMSA": 1, "ZERO": 29, "SECRETS": 1,
                          "CPUID": 1, "total": 36})

    def test_order_of_sections(self):
        digests = {self.launches(self.made_up(s), 2)["digest"]["final"]
                   for s in (ovmf.SECTIONS, ovmf.SECTIONS[::-1])}
        self.assertEqual(len(digests), 2)

    def test_without_special_pages(self):
        result = self.launches(self.made_up(ovmf.SECTIONS[:1]), 1)
        self.assertNotIn("CPUID", result["pages"])

    def test_high_section(self):
        self.launches(self.made_up(((0xC0000000, 0x3000, 1),)), 1)

    def test_cpu_newer_than_the_host(self):
        result = self.launches(self.made_up(ovmf.SECTIONS), 1, "EPYC-Turin")
        self.assertEqual(result["cpuid_corrections"], 2)

    def test_cpu_of_the_host(self):
        result = self.launches(self.made_up(ovmf.SECTIONS), 3, "EPYC-Genoa")
        self.assertEqual(result["cpuid_corrections"], 0)

    def test_refused_by_kvm(self):
        for args, text in (
                (("--policy", "0x10000"), "KVM_SEV_SNP_LAUNCH_START: "
                 "Invalid argument, firmware status 0 "),
                (("--features", "0x8001"), "KVM_SEV_INIT2 with VMSA "
                 "features 0x8000: Invalid argument, ")):
            with self.subTest(args=args):
                r, result = self.launch(self.made_up(ovmf.SECTIONS), *args)
                self.assertEqual(r.returncode, 1, r.stdout)
                self.assertRegex(r.stderr, "^gmem-launch: " + text)
                self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
                self.assertIsNone(result)

    def test_td_of_every_section_type(self):
        """All but permanent memory is added; that is accepted later."""
        result = self.launches_td(self.made_up(), later=4)
        self.assertEqual(result["pages"],
                         {"BFV": 2, "CFV": 2, "TD_HOB": 2, "TEMP_MEM": 8,
                          "total": 14})

    def test_td_with_two_vcpus(self):
        image = self.made_up()
        self.assertEqual(self.launches_td(image, 2, later=4)["digest"],
                         self.launches_td(image, 1, later=4)["digest"])

    def test_order_of_td_sections(self):
        rows = ovmf.tdx_sections(0x4000)
        digests = {self.launches_td(self.made_up(tdx=s), later=4)
                   ["digest"]["mrtd"] for s in (rows, rows[::-1])}
        self.assertEqual(len(digests), 2)

    def test_td_whose_hob_is_measured(self):
        """Launcher and calculator tell the TD the same about its memory."""
        rows = [(*s[:5], 1) if s[4] == ovmf.TD_HOB else s
                for s in ovmf.tdx_sections(0x4000)]
        self.launches_td(self.made_up(tdx=rows), later=4)

    def test_td_with_permanent_memory_from_the_start(self):
        rows = [(*s[:5], 0) if s[4] == ovmf.PERM_MEM else s
                for s in ovmf.tdx_sections(0x4000)]
        result = self.launches_td(self.made_up(tdx=rows))
        self.assertEqual(result["pages"]["PERM_MEM"], 4)

    def test_td_high_section(self):
        rows = [*ovmf.tdx_sections(0x4000),
                (0, 0, 0xC0000000, 0x3000, ovmf.TEMP_MEM, 1)]
        self.launches_td(self.made_up(tdx=rows), later=4)

    def test_td_of_code_and_variables(self):
        """Where they come as two files, the image is one after the other."""
        parts = ["/usr/share/OVMF/OVMF_" + name + ".fd"
                 for name in ("VARS.ms", "CODE.secboot")]
        if not all(os.path.exists(p) for p in parts):
            self.skipTest(f"{parts[1]} is not installed (package ovmf)")
        f = tempfile.NamedTemporaryFile()
        self.addCleanup(f.close)
        for path in parts:
            with open(path, "rb") as part:
                f.write(part.read())
        f.flush()
        self.launches_td(f.name)

    def test_td_with_more_vcpus_than_the_kernel_uses_cpus(self):
        r, result = self.launch(self.made_up(), "--smp", "64", kind="tdx")
        # The machine has as many logical processors, the kernel uses two.
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("64 vCPUs", r.stdout)
        self.assertRegex(r.stdout, r"calculator +mrtd: equal")

    def test_machine_without_tdx(self):
        r, result = self.launch(self.made_up(), "--kernel-arg",
                                "kvm_intel.tdx=0", kind="tdx")
        self.assertEqual(r.returncode, 1, r.stdout)
        self.assertRegex(r.stderr, r"^gmem-launch: KVM_CAP_VM_TYPES: 0x\d+, "
                         r"VM type 5 \(TDX\) is not supported\n$")
        self.assertIsNone(result)

    def test_both_as_one(self):
        r, result = self.launch(self.made_up(), kind="both")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertEqual([x["type"] for x in result.values()], ["snp", "tdx"])


def real_image(path, smp, cpu):
    def test(self):
        sources = ["calculator"]
        with open(path, "rb") as f:
            if "final" in GOLDEN.get(hashlib.sha256(f.read()).hexdigest(), {}):
                sources.append("golden")
        self.launches(path, smp, cpu, sources)
    return test


def if_there(path, test):
    return unittest.skipUnless(os.path.exists(path),
                               f"this system has no {path}")(test)


with open(os.path.join(os.path.dirname(HERE), "golden.json")) as golden_file:
    GOLDEN = json.load(golden_file)["images"]

for image_path, vcpus, model in ((ovmf.REAL[0], 1, "EPYC-v4"),
                                 (ovmf.REAL[0], 4, "EPYC-v4"),
                                 (ovmf.REAL[1], 4, "EPYC-Milan")):
    setattr(RealKernel, "test_" + re.sub(
        r"\W+", "_", f"{os.path.basename(image_path)} {vcpus} {model}"),
        if_there(image_path, real_image(image_path, vcpus, model)))


def real_image_as_td(path, smp):
    def test(self):
        sources = ["calculator"]
        with open(path, "rb") as f:
            data = f.read()
        if "tdx" in GOLDEN.get(hashlib.sha256(data).hexdigest(), {}):
            sources.append("golden")
        self.launches_td(path, smp, sources)
    return test


for image_path in (ovmf.REAL[0], "/usr/share/ovmf/OVMF.inteltdx.ms.fd"):
    setattr(RealKernel, "test_td_" + re.sub(
        r"\W+", "_", os.path.basename(image_path)),
        if_there(image_path, real_image_as_td(image_path, 1)))


if __name__ == "__main__":
    unittest.main()
