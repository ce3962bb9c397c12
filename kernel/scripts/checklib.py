# SPDX-License-Identifier: GPL-2.0
"""What series-check does with one commit: each check, and what it has to be repeated for."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys

import buildlib
from gmemlib import Fail, REPO, load_json, store_json

SCRIPTS = os.path.dirname(os.path.realpath(__file__))
ALLOWED = os.path.join(SCRIPTS, "series-check.allowed")
FINDING = re.compile(r"^(\S[^:\n]*):(\d+)(?::\d+)?: (?:fatal )?(error|warning): (.*)$", re.M)


class Skip(Exception):
    """A check that can't be done here, and why."""


class Commit:
    """One patch of the series, as git am has made it a commit."""

    def __init__(self, n, patch, mail, commit, tree, parent, git):
        self.n, self.patch, self.mail, self.commit, self.tree, self.parent = n, patch, mail, commit, tree, parent
        self.name = re.sub(r"^patches/|\.patch$", "", patch.rel)
        self.touched, self.added = {}, set()
        for path, a, b in git.diff_tree(parent, commit):
            self.touched[path] = b
            if not a:
                self.added.add(path)


class Base:
    """The kernel without the series: what is in its warnings is nobody's fault."""

    def __init__(self, version, commit, tree):
        self.n, self.name, self.commit, self.tree = 0, f"Linux {version}", commit, tree
        self.touched, self.added = {}, set()


def digest(*parts):
    return hashlib.sha1("\0".join(map(str, parts)).encode()).hexdigest()


def tool_version(cmd):
    try:
        return subprocess.run([cmd, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    except OSError:
        return ""


# ---- what is left ----

class Allowed:
    """series-check.allowed: PATCH TOOL TYPE FILE COUNT REASON, to be met exactly."""

    def __init__(self, path=None):
        self.path = path or os.environ.get("SERIES_CHECK_ALLOWED") or ALLOWED
        self.rows = []
        with open(self.path, encoding="utf-8") as f:
            for n, ln in enumerate(f, 1):
                if not ln.strip() or ln.startswith("#"):
                    continue
                row = ln.split(None, 5)
                if len(row) < 6 or not row[4].isdigit() or not int(row[4]):
                    raise Fail(f"{os.path.basename(self.path)}:{n}: expected 'PATCH TOOL TYPE FILE COUNT REASON'")
                self.rows.append((*row[:4], int(row[4])))
        if len({r[:4] for r in self.rows}) != len(self.rows):
            raise Fail(f"{os.path.basename(self.path)}: an entry stands there twice")

    def of(self, name, tool):
        """{(type, file): count}"""
        return {(t, f): n for p, x, t, f, n in self.rows if x == tool and p in ("*", name)}

    def unknown(self, names):
        """Entries of patches that do not exist."""
        return sorted({r[0] for r in self.rows} - {"*"} - set(names))

    def judge(self, name, tool, found):
        """What is wrong with @found, {(type, file): [text, ...]}; texts name what came out.

        An entry for "*" is for all files without one of their own.
        """
        want, bad, got = self.of(name, tool), [], {}
        for (kind, f), texts in found.items():
            key = (kind, f) if (kind, f) in want or (kind, "*") not in want else (kind, "*")
            got.setdefault(key, []).extend(texts)
        for key in sorted(set(got) | set(want)):
            texts, n = got.get(key, []), want.get(key, 0)
            if len(texts) == n:
                continue
            if len(texts) > n:
                bad += texts
            bad.append(f"{key[0]} in {key[1]}: {len(texts)} found, {n} listed in {os.path.basename(self.path)}")
        return bad


# ---- builds ----

class Build:
    """A build directory of one configuration, brought from commit to commit by kbuild.

    deps is all that has ever gone into its objects: a commit that touches
    none of it has nothing to compile here.
    """

    def __init__(self, cx, name, make, targets, structure):
        self.cx, self.name, self.make, self.targets, self.structure = cx, name, make, targets, structure
        self.out = os.path.join(cx.work, "." + name)
        self._deps = None
        self.deps_file = os.path.join(cx.store, f"deps-{name}-{cx.base.tree[:12]}.json")

    def deps(self):
        if self._deps is None:
            self._deps = set(load_json(self.deps_file) or ())
        return self._deps

    def concerns(self, c):
        """Does @c touch what is compiled here?"""
        deps = self.deps()
        for path in c.touched:
            if path in deps:
                return True
            where, base = os.path.split(path)
            if (where + "/").startswith(self.structure) and (
                    re.match(r"Makefile|Kbuild|Kconfig", base) or path in c.added and re.search(r"\.[cS]$", base)):
                return True
        return False

    def run(self, targets, more=(), log="build.log", label=None):
        """make; the log's text."""
        path = os.path.join(self.out, log)
        try:
            buildlib.run_make(self.cx.work, [*self.make, f"O={self.out}", *more, *targets], label or self.name, path,
                              out=self.out, hush=re.compile(""))
        except Fail:
            with open(path, errors="replace") as f:
                text = f.read()
            errors = [ln for ln in text.splitlines() if re.search(r"error:|Error \d|\*\*\*|undefined", ln)]
            raise Fail("\n".join(errors[:12] or text.splitlines()[-12:])) from None
        self.note_deps()
        with open(path, errors="replace") as f:
            return f.read()

    def note_deps(self):
        """Add what kbuild has noted to deps."""
        deps = self.deps()
        n = len(deps)
        for d, _, files in os.walk(self.out):
            for f in files:
                if not f.endswith(".o.cmd"):
                    continue
                with open(os.path.join(d, f), errors="replace") as fh:
                    text = fh.read()
                m = re.search(r"^deps_\S+ := \\\n((?:.*\\\n)*)", text, re.M)
                src = re.search(r"^source_\S+ := (\S+)", text, re.M)
                names = [src.group(1)] if src else []
                if m:
                    names += [w for w in re.sub(r"\$\(wildcard [^)]*\)|\\", " ", m.group(1)).split()]
                for w in names:
                    w = os.path.normpath(os.path.join(self.out, w))
                    if w.startswith(self.cx.work + "/") and not w.startswith(self.out + "/"):
                        deps.add(os.path.relpath(w, self.cx.work))
        if len(deps) != n:
            store_json(self.deps_file, sorted(deps))


def findings(text, work, out):
    """{(message, file): [line, ...]} of a compiler's or sparse's output; files as git names them."""
    res = {}
    for m in FINDING.finditer(text):
        path = os.path.normpath(os.path.join(out, m.group(1)))
        if not path.startswith(work + "/"):
            continue        # of make, not of a file
        f = os.path.relpath(path, work)
        text = "error: " * (m.group(3) == "error") + m.group(4)
        key = (re.sub(r"\d+", "N", text), f)
        line = f"{f}:{m.group(2)}: {text}"
        if line not in res.setdefault(key, []):
            res[key].append(line)
    return res


def fresh(found, base):
    """Those of @found that the kernel without the series does not have, or not as often."""
    old = {tuple(k): n for *k, n in base or ()}
    return {k: v for k, v in found.items() if len(v) > old.get(k, 0)}


def flatten(found):
    return [[*k, len(v)] for k, v in sorted(found.items())]


# ---- the checks ----

class Check:
    """One check.  run() raises Fail with what is wrong, or Skip."""

    version = 1     # raise to have it repeated everywhere
    guess = 60      # seconds, as long as nobody has measured it

    def __init__(self, cx, name, short):
        self.cx, self.name, self.short = cx, name, short

    def concerns(self, c):
        return True

    def key(self, c):
        """What the result depends on."""
        return digest(self.name, self.version, c.tree)

    def prepare(self):
        """What has to be known of the kernel without the series: (label, function) or None."""

    def run(self, c):
        raise NotImplementedError


class Am(Check):
    """git am has made exactly the commit that the tree has."""

    guess = 1

    def key(self, c):
        return digest(self.name, self.version, c.tree, c.patch.mail_hash, c.parent)

    def run(self, c):
        if c.tree != c.patch.wanted_tree:
            raise Fail("what git am gives is not the assembled tree: "
                       + ", ".join(p for p, _, _ in self.cx.git.diff_tree(c.tree, c.patch.wanted_tree)[:5]))


class Checkpatch(Check):
    """checkpatch --strict says what is listed, and nothing else."""

    guess = 20
    # These it reports at the file that happens to be the last one.
    OF_THE_MAIL = ("MISSING_SIGN_OFF", "FILE_PATH_CHANGES", "COMMIT_LOG_LONG_LINE")

    def key(self, c):
        pl = self.cx.git.ls_tree(self.cx.base.commit, ["scripts/checkpatch.pl", "scripts/spelling.txt",
                                                       "scripts/const_structs.checkpatch"])
        return digest(self.name, self.version, c.patch.mail_hash, sorted(pl.items()),
                      sorted(self.cx.allowed.of(c.name, "checkpatch").items()))

    def run(self, c):
        # It looks at files of the tree too, e.g. for a documented symbol.
        self.cx.checkout(c)
        # Without a git directory it does not start a Python per new file to look its licence up.
        env = {**buildlib.environment(self.cx.work), "GIT_DIR": ""}
        r = subprocess.run(["perl", "scripts/checkpatch.pl", "--strict", "--terse", "--showfile", "--show-types",
                            "--no-summary", "--color=never", c.mail], cwd=self.cx.work, env=env,
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        found = {}
        for ln in (r.stdout + r.stderr).splitlines():
            if not ln.strip():
                continue
            m = re.match(r"(.*?):(\d*):? ?(?:ERROR|WARNING|CHECK):(\w+): (.*)", ln)
            if not m:
                raise Fail(f"checkpatch: {ln}")
            f = m.group(1)
            f = "-" if f == c.mail or not f or m.group(3) in self.OF_THE_MAIL else f
            found.setdefault((m.group(3), f), []).append(f"{f}:{m.group(2)}: {m.group(3)}: {m.group(4)}")
        bad = self.cx.allowed.judge(c.name, "checkpatch", found)
        if bad:
            raise Fail("\n".join(bad))


class Compile(Check):
    """W=1 of the objects that the commit touches, and of those that depend on what it touches.

    In KVM's directories KVM_WERROR makes warnings fatal; elsewhere, and of sparse, those are
    failures which the kernel without the series does not have.
    """

    guess = 90

    def __init__(self, cx, name, short, build, targets):
        super().__init__(cx, name, short)
        self.build, self._targets = build, targets

    @property
    def base_file(self):
        """What the compiler says of the kernel without the series."""
        return os.path.join(self.cx.store, f"base-{self.name}-{digest(self.config(self.cx.base), self.cx.base.tree)[:12]}.json")

    def config(self, c):
        raise NotImplementedError

    def configure(self, c):
        raise NotImplementedError

    def targets(self, c):
        return self._targets

    def concerns(self, c):
        return self.build.concerns(c)

    def key(self, c):
        return digest(self.name, self.version, c.tree, self.config(c), self.cx.compiler(self.build),
                      sorted(self.cx.allowed.of(c.name, "W=1").items()))

    def prepare(self):
        if load_json(self.base_file) is None or not self.build.deps():
            return self.baseline
        return None

    def baseline(self):
        self.cx.checkout(self.cx.base)
        self.configure(self.cx.base)
        text = self.build.run(self.targets(self.cx.base), ["W=1"], label=f"{self.name} {self.cx.base.name}")
        store_json(self.base_file, flatten(findings(text, self.cx.work, self.build.out)))

    def run(self, c):
        self.cx.checkout(c)
        self.configure(c)
        text = self.build.run(self.targets(c), ["W=1"])
        new = fresh(findings(text, self.cx.work, self.build.out), load_json(self.base_file))
        bad = self.cx.allowed.judge(c.name, "W=1", {(self.kind(k[0]), k[1]): v for k, v in new.items()})
        if bad:
            raise Fail("\n".join(bad))

    @staticmethod
    def kind(message):
        m = re.search(r"\[(-W[\w+=-]+)\]$", message)
        return m.group(1) if m else re.sub(
            r" +", "-", re.sub(r" '[^']*'", "", message.removeprefix("error: ")).split(":")[0].split(" (")[0].split(". ")[0].strip())


X86_DIRS = ("virt/kvm/", "arch/x86/kvm/", "arch/x86/virt/", "drivers/crypto/ccp/")
X86_TARGETS = ("arch/x86/kvm/", "arch/x86/virt/", "drivers/crypto/ccp/")
X86_VENDOR = {"sev": ("KVM_AMD_SEV", "CRYPTO_DEV_SP_PSP"), "tdx": ("INTEL_TDX_HOST", "KVM_INTEL_TDX")}
X86_TRISTATE = ("KVM", "KVM_AMD", "KVM_INTEL", "CRYPTO_DEV_CCP_DD")


class X86(Compile):
    def __init__(self, cx, which, how, short):
        self.which, self.how = which, how
        build = Build(cx, f"x86-{which}-{how}", ["ARCH=x86_64"], X86_TARGETS, X86_DIRS)
        super().__init__(cx, f"x86-{which}-{how}", short, build, X86_TARGETS)

    def config(self, c):
        with open(os.path.join(SCRIPTS, "x86.config")) as f:
            text = f.read()
        text += "".join(f"CONFIG_{s}={self.how}\n" for s in X86_TRISTATE) + "CONFIG_CRYPTO_DEV_CCP=y\n"
        for vendor, symbols in X86_VENDOR.items():
            on = self.which in (vendor, "both")
            for s in symbols:
                text = re.sub(rf"^CONFIG_{s}=.*\n", "", text, flags=re.M)
                text += f"CONFIG_{s}=y\n" if on else f"# CONFIG_{s} is not set\n"
        return text

    def configure(self, c):
        buildlib.allnoconfig(self.cx.work, "x86_64", self.build.out, self.config(c), f"{self.name} configuration")


class Arm64(Compile):
    """virt/kvm as arm64 builds it; the files of arch/arm64/kvm are compiled on the way."""

    def __init__(self, cx):
        build = Build(cx, "arm64", ["ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-", "CC=ccache aarch64-linux-gnu-gcc"],
                      ("arch/arm64/kvm/",), ("virt/kvm/",))
        super().__init__(cx, "arm64", "arm", build, ("arch/arm64/kvm/",))

    def config(self, c):
        return "".join(f"CONFIG_{s}=y\n" for s in (
            "EXPERT", "MMU", "PRINTK", "BUG", "FUTEX", "EPOLL", "EVENTFD", "MULTIUSER", "SHMEM", "PROC_FS", "SYSFS",
            "VIRTUALIZATION", "KVM", "DEBUG_KERNEL", "PROVE_LOCKING", "FTRACE", "ENABLE_DEFAULT_TRACERS"))

    def configure(self, c):
        if not shutil.which("aarch64-linux-gnu-gcc"):
            raise Skip("no compiler for arm64: Debian's gcc-aarch64-linux-gnu")
        buildlib.allnoconfig(self.cx.work, "arm64", self.build.out, self.config(c), "arm64 configuration",
                             self.build.make[1:])


UM_KVM = "arch/um/kvm/"


def has(cx, c, path):
    return bool(cx.git.ls_tree(c.commit, [path]))


class Um(Compile):
    """UML: the files of arch/um that there are, and KVM as soon as arch/um/kvm builds it."""

    def __init__(self, cx):
        build = Build(cx, "um", ["ARCH=um"], (), ("arch/um/", "virt/kvm/", "arch/x86/virt/sim/"))
        super().__init__(cx, "um", "um", build, ("arch/um/kernel/", "arch/um/os-Linux/"))

    def config(self, c):
        if has(self.cx, c, UM_KVM + ".kunitconfig"):
            return self.cx.git.out("show", f"{c.commit}:{UM_KVM}.kunitconfig") + "\n"
        return "CONFIG_KUNIT=y\nCONFIG_SMP=y\nCONFIG_NR_CPUS=2\n"

    def targets(self, c):
        return self._targets + ((UM_KVM,) if has(self.cx, c, UM_KVM + "Makefile") else ())

    def configure(self, c):
        buildlib.kunit_config(self.cx.work, self.build.out, self.config(c))


class Sparse(Compile):
    """sparse on the files that the commit touches."""

    def __init__(self, cx, x86, um):
        self.parts = (x86, um)
        super().__init__(cx, "sparse", "spa", x86.build, ())

    def config(self, c):
        return "".join(p.config(c) for p in self.parts)

    def files(self, c):
        """Sources that @c touches; those of the simulator come before anything compiles them."""
        files = {f for f, b in c.touched.items() if b}
        if UM_KVM + "Makefile" in c.added:
            for earlier in self.cx.commits[:c.n - 1]:
                files |= {f for f, b in earlier.touched.items() if b and f in earlier.added}
        return sorted(f for f in files if f.endswith(".c"))

    def concerns(self, c):
        return any(f.endswith(".c") and b for f, b in c.touched.items())

    def key(self, c):
        return digest(self.name, self.version, c.tree, self.config(c), tool_version("sparse"),
                      sorted(self.cx.allowed.of(c.name, "sparse").items()))

    def prepare(self):
        return self.baseline if load_json(self.base_file) is None else None

    def baseline(self):
        """The files that the series will touch, as they are without it."""
        c = Base(self.cx.version, self.cx.base.commit, self.cx.base.tree)
        c.touched = {f: True for x in self.cx.commits for f in x.touched if f.endswith(".c")}
        have = self.cx.git.ls_tree(c.commit, c.touched)
        c.touched = {f: True for f in have}
        store_json(self.base_file, flatten(self.look(c)[0]))

    def look(self, c):
        """(findings, files looked at)"""
        if not shutil.which("sparse"):
            raise Skip("no sparse: Debian's package of that name")
        self.cx.checkout(c)
        found, seen = {}, set()
        for p in self.parts:
            todo = [f for f in self.files(c) if f not in seen]
            if not todo or not p.concerns(c) and not p.build.deps() & set(todo):
                continue
            p.configure(c)
            objs = {f: os.path.join(p.build.out, f[:-2] + ".o") for f in todo}
            for o in objs.values():     # of a later commit, which an earlier run has compiled
                if os.path.exists(o):
                    os.unlink(o)
            p.build.run(p.targets(c), ["W=1"], label=f"sparse: {p.name}")
            objs = {f: o for f, o in objs.items() if os.path.exists(o)}
            if not objs:
                continue
            for o in objs.values():
                os.unlink(o)
            text = p.build.run(p.targets(c), ["W=1", "C=1", "CHECK=" + os.path.join(SCRIPTS, "sparse-cpp")], "sparse.log", f"sparse: {p.name}")
            looked = {os.path.relpath(os.path.normpath(os.path.join(p.build.out, m)), self.cx.work)
                      for m in re.findall(r"^  CHECK +(\S+)$", text, re.M)}
            if set(objs) - looked:      # kbuild goes without a checker that it does not like
                raise Fail("sparse did not look at " + ", ".join(sorted(set(objs) - looked)))
            seen |= set(objs)
            for k, v in findings(text, self.cx.work, p.build.out).items():
                found.setdefault(k, []).extend(x for x in v if x not in found.get(k, ()))
        return found, seen

    def run(self, c):
        found, seen = self.look(c)
        new = fresh(found, load_json(self.base_file))
        # A warning of a header that the series leaves alone is not its fault; after an error it has
        # not seen the rest.
        new = {k: v for k, v in new.items() if k[1] in self.cx.touched or k[0].startswith("error: ")}
        bad = self.cx.allowed.judge(c.name, "sparse", {(self.kind(k[0]), k[1]): v for k, v in new.items()})
        if bad:
            raise Fail("\n".join(bad))
        miss = [f for f in self.files(c) if f not in seen]
        self.cx.note(c, self.name, f"{len(seen)} files" + (f", {len(miss)} not compiled in these configurations"
                                                           if miss else ""))


class Kunit(Check):
    """kunit.py run --kunitconfig=arch/um/kvm on both machines, in a tree that knows nothing of this repository."""

    guess = 900
    MACHINES = (("amd", ()), ("intel", ("--kernel_args=sim_cpu=intel",)))

    def __init__(self, cx, name, short):
        super().__init__(cx, name, short)
        self.suites = functools.cache(self.has_suites)

    def concerns(self, c):
        return self.suites(c)

    def has_suites(self, c):
        f = UM_KVM + ".kunitconfig"
        return has(self.cx, c, f) and "KUNIT_TEST=y" in self.cx.git.out("show", f"{c.commit}:{f}")

    def key(self, c):
        return digest(self.name, self.version, c.tree, tool_version("gcc"))

    def run(self, c):
        hide = self.hiding()
        self.cx.checkout(c)
        out = os.path.join(self.cx.work, ".kunit")
        os.makedirs(out, exist_ok=True)
        bad, told = [], []
        for machine, more in self.MACHINES:
            res, log = os.path.join(out, f"{machine}.json"), os.path.join(out, f"kunit-{machine}.log")
            if os.path.exists(res):
                os.unlink(res)
            cmd = [*hide, sys.executable or "python3", "tools/testing/kunit/kunit.py", "run", "--kunitconfig=arch/um/kvm",
                   *more, f"--json={res}", "--timeout=1800", f"--jobs={buildlib.jobs()}"]
            for v in buildlib.variables():
                cmd += ["--make_options", v]
            with open(log, "w") as f:
                p = subprocess.Popen(cmd, cwd=self.cx.work, env=buildlib.environment(self.cx.work),
                                     stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT)
                try:
                    p.wait()
                except BaseException:
                    p.terminate()
                    p.wait()
                    raise
            data = load_json(res)
            if not data:
                with open(log, errors="replace") as f:
                    bad.append(f"{machine}: no result, exit status {p.returncode}; {log}\n" + "".join(f.readlines()[-8:]))
                    break       # the other machine is the same kernel
            m = data["misc"]
            told.append(f"{machine} {m['passed']} passed, {m['failed'] + m['crashed'] + m['errors']} failed, "
                        f"{m['skipped']} skipped")
            if p.returncode or m["failed"] or m["crashed"] or m["errors"] or not m["passed"]:
                bad.append(f"{told[-1]}, exit status {p.returncode}; {log}")
        if bad:
            raise Fail("\n".join(bad))
        self.cx.note(c, self.name, "; ".join(told))

    def hiding(self):
        """A command that runs another one where this repository is an empty directory."""
        cmd = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c",
               'mount -t tmpfs none "$1" || exit 125; shift; exec "$@"', "sh", REPO]
        if self.cx.work.startswith(REPO + "/"):
            raise Skip("the cache is inside of this repository, which therefore can't be hidden")
        r = subprocess.run([*cmd, "test", "!", "-e", os.path.join(REPO, "kernel")], capture_output=True, text=True)
        if r.returncode:
            raise Skip("this repository can't be hidden from the build: " + (r.stderr.strip() or "unshare --mount fails"))
        return cmd


def all_checks(cx, ready=True):
    """All of them; if not @ready only their names are of use, as nothing has been applied yet."""
    if not ready:
        cx.base = Base(cx.version, cx.chain.base, "")
    x86 = [X86(cx, w, h, f"{w[0]}{h}") for w in ("both", "sev", "tdx", "none") for h in ("y", "m")]
    um = Um(cx)
    return [Am(cx, "am", "am"), Checkpatch(cx, "checkpatch", "cp"), Sparse(cx, x86[0], um), *x86, um, Arm64(cx),
            Kunit(cx, "kunit", "kunit")]
