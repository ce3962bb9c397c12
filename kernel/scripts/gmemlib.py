# SPDX-License-Identifier: GPL-2.0
"""What the series tools share: the cache, its locks, git, patches and series."""

import contextlib
import fcntl
import fnmatch
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

SCRIPTS = os.path.dirname(os.path.realpath(__file__))
# A self-test points REPO at a checkout of its own.
REPO = os.path.realpath(os.environ.get("REPO") or os.path.join(SCRIPTS, "..", ".."))
GROUPS = ("ops", "fixes", "sim", "rfc")
SERIES = {"ops": ("ops", "sim"), "fixed": ("ops", "fixes", "sim"), "rfc": ("ops", "fixes", "sim", "rfc")}

# Kernel directory -> directory of this repository, and what is not mapped.
MAPPED = (
    ("arch/um/kvm/", "sim/um/", ()),
    ("arch/x86/virt/sim/", "sim/", ("um/", "vmm/", "lib/")),
    ("virt/kvm/kunit/", "kunit/", ()),
)
# kernel/<path> holds production files, but these are the tooling's own.
KERNEL_OWN = ("patches/", "scripts/", "series", "base", "cover")
JUNK = ("*~", "*.orig", "*.rej", "*.o", "*.a", "*.pyc", ".*.sw?", "#*#")


class Fail(Exception):
    """An error to be told in its own words, without a traceback."""


def die_on_fail(fn):
    """Run @fn as a program: its Fail is one message and exit status 1.

    Being terminated unwinds as well, so that no make or UML stays behind.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        rc = fn(sys.argv[1:])
    except Fail as e:
        sys.stdout.flush()
        print(f"{os.path.basename(sys.argv[0])}: {e}", file=sys.stderr)
        rc = 1
    except KeyboardInterrupt:
        rc = 130
    except BrokenPipeError:
        rc = 1
    sys.exit(rc or 0)


def say(msg):
    print(msg, file=sys.stderr, flush=True)


def cache_dir(*sub):
    top = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(os.path.realpath(top), "gmem-sim", *sub)
    os.makedirs(path, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(path, what):
    """Hold the lock file @path; say so while somebody else has it.

    The kernel drops the lock with the process, so that no stale one can stay.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a+") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            f.seek(0)
            who = f.read().strip()
            say(f"waiting for {what}" + (f" (held by {who})" if who else ""))
            fcntl.flock(f, fcntl.LOCK_EX)
        f.seek(0)
        f.truncate()
        f.write(f"process {os.getpid()}\n")
        f.flush()
        yield


@contextlib.contextmanager
def try_locked(*paths):
    """Hold all lock files @paths if nobody else has one of them; yields whether it worked."""
    with contextlib.ExitStack() as st:
        ok = True
        for p in paths:
            f = st.enter_context(open(p, "a+"))
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                ok = False
                break
        yield ok


def write_file(path, data, mode=None):
    """Replace @path as a whole: a reader sees the old or the new content."""
    if isinstance(data, str):
        data = data.encode()
    d = os.path.dirname(path)
    os.makedirs(d, exist_ok=True)
    fd, tmp = tempfile.mkstemp(prefix=".gmem-", dir=d)
    try:
        with os.fdopen(fd, "wb") as f:
            f.write(data)
            if mode is None:
                um = os.umask(0)
                os.umask(um)
                mode = 0o666 & ~um
            os.fchmod(f.fileno(), mode)
        os.rename(tmp, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(tmp)
        raise


def read_file(path):
    with open(path, "rb") as f:
        return f.read()


def load_json(path):
    try:
        with open(path) as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def store_json(path, obj):
    write_file(path, json.dumps(obj, indent=1, sort_keys=True) + "\n")


def git_env(**more):
    """An environment in which no configuration of the user has a say."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env.update(
        GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1",
        GIT_AUTHOR_NAME="gmem-sim", GIT_AUTHOR_EMAIL="gmem-sim@localhost",
        GIT_COMMITTER_NAME="gmem-sim", GIT_COMMITTER_EMAIL="gmem-sim@localhost",
        GIT_TERMINAL_PROMPT="0", GIT_EDITOR=":", GIT_SEQUENCE_EDITOR=":",
        LC_ALL="C", TZ="UTC0")
    conf = {"safe.directory": "*", "gc.auto": "0", "maintenance.auto": "false",
            "core.quotePath": "false", "advice.detachedHead": "false"}
    env["GIT_CONFIG_COUNT"] = str(len(conf))
    for i, (k, v) in enumerate(conf.items()):
        env[f"GIT_CONFIG_KEY_{i}"] = k
        env[f"GIT_CONFIG_VALUE_{i}"] = v
    env.update({k: str(v) for k, v in more.items()})
    return env


class Git:
    """git in one directory; env holds what all its calls have in common."""

    def __init__(self, cwd, **env):
        self.cwd = cwd
        self.env = env

    def run(self, *args, input=None, check=True, env=None):
        if isinstance(input, str):
            input = input.encode()
        r = subprocess.run(["git", *args], cwd=self.cwd, input=input,
                           stdin=subprocess.DEVNULL if input is None else None,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=git_env(**{**self.env, **(env or {})}))
        if check and r.returncode:
            err = (r.stderr or r.stdout).decode(errors="replace").strip()
            raise Fail(f"git {' '.join(args[:3])} in {self.cwd}: {err}")
        return r

    def out(self, *args, **kw):
        return self.run(*args, **kw).stdout.decode(errors="surrogateescape").strip()

    def ok(self, *args, **kw):
        return self.run(*args, check=False, **kw).returncode == 0

    def ls_tree(self, commit, paths):
        """{path: (mode, blob)} of those of @paths that @commit has."""
        res = {}
        paths = sorted(paths)
        for i in range(0, len(paths), 500):
            out = self.run("ls-tree", "-z", commit, "--", *paths[i:i + 500]).stdout
            for ent in out.split(b"\0"):
                if ent:
                    meta, path = ent.split(b"\t", 1)
                    mode, kind, sha = meta.decode().split()
                    if kind == "blob":
                        res[os.fsdecode(path)] = (mode, sha)
        return res

    def diff_tree(self, a, b):
        """[(path, (mode, blob) before or None, (mode, blob) after or None)]"""
        out = self.run("diff-tree", "-r", "-z", "--no-renames", "--raw", a, b).stdout
        parts = out.split(b"\0")
        res = []
        for meta, path in zip(parts[::2], parts[1::2]):
            m1, m2, s1, s2, _ = meta.decode().lstrip(":").split()
            res.append((os.fsdecode(path),
                        None if m1 == "000000" else (m1, s1),
                        None if m2 == "000000" else (m2, s2)))
        return res

    def blobs(self, shas):
        """{sha: content}"""
        shas = sorted(set(shas))
        out = self.run("cat-file", "--batch", input="\n".join(shas) + "\n").stdout
        res, pos = {}, 0
        for sha in shas:
            nl = out.index(b"\n", pos)
            head = out[pos:nl].split()
            if len(head) != 3:
                raise Fail(f"object {sha} is missing in {self.cwd}")
            n = int(head[2])
            res[sha] = out[nl + 1:nl + 1 + n]
            pos = nl + 1 + n + 1
        return res


def sane_gitignore(data):
    """The kernel's .gitignore; Debian's source package has git ignore the whole kernel in it."""
    return b"".join(ln for ln in data.splitlines(True) if ln.strip() not in (b"/*", b"!/debian/"))


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


# ---- where a kernel file lives in this repository ----

def repo_path(kpath):
    """The path in this repository of the new kernel file @kpath."""
    for kdir, rdir, hidden in MAPPED:
        if kpath.startswith(kdir):
            rest = kpath[len(kdir):]
            if rest.startswith(hidden):
                raise Fail(f"{kpath}: {rdir}{rest} is no kernel file")
            return rdir + rest
    if kpath.startswith(KERNEL_OWN[:2]) or kpath in KERNEL_OWN[2:]:
        raise Fail(f"{kpath}: kernel/{kpath} belongs to the tooling")
    return "kernel/" + kpath


def _repo_files(top):
    """Files of the checkout that git knows or would add."""
    if os.path.exists(os.path.join(top, ".git")):
        out = Git(top).run("ls-files", "-coz", "--exclude-standard", "--",
                           "kernel", "sim", "kunit", check=False)
        if out.returncode == 0:
            return [os.fsdecode(p) for p in out.stdout.split(b"\0") if p]
    res = []
    for sub in ("kernel", "sim", "kunit"):
        for d, dirs, files in os.walk(os.path.join(top, sub)):
            dirs[:] = [x for x in dirs if not x.startswith(".") and x != "__pycache__"]
            res += [os.path.relpath(os.path.join(d, f), top) for f in files]
    return res


def kernel_files(top=None):
    """{kernel path: path in the repository} of all plain files that are there."""
    top = top or REPO
    res = {}
    for rp in sorted(set(_repo_files(top))):
        base = os.path.basename(rp)
        if any(fnmatch.fnmatch(base, j) for j in JUNK):
            continue
        if not os.path.isfile(os.path.join(top, rp)):
            continue
        for kdir, rdir, hidden in MAPPED:
            if rp.startswith(rdir) and not rp[len(rdir):].startswith(hidden):
                res[kdir + rp[len(rdir):]] = rp
                break
        else:
            if rp.startswith("kernel/"):
                kp = rp[len("kernel/"):]
                if not (kp.startswith(KERNEL_OWN[:2]) or kp in KERNEL_OWN[2:]):
                    res[kp] = rp
    return res


def _glob_re(pat):
    out, i = "", 0
    while i < len(pat):
        if pat.startswith("**", i):
            out, i = out + ".*", i + 2
        elif pat[i] == "*":
            out, i = out + "[^/]*", i + 1
        elif pat[i] == "?":
            out, i = out + "[^/]", i + 1
        else:
            out, i = out + re.escape(pat[i]), i + 1
    return re.compile(out + (".*" if pat.endswith("/") else "") + r"\Z")


class Adds:
    """The Adds: lines of one patch."""

    def __init__(self, lines, patch):
        self.want, self.drop, self.patch = [], [], patch
        for ln in lines:
            (self.drop if ln.startswith("!") else self.want).append(ln.lstrip("!").strip())

    def __bool__(self):
        return bool(self.want)

    def expand(self, files, taken):
        """Kernel paths of @files that this patch adds; @taken: added before."""
        drop = [_glob_re(p) for p in self.drop]
        res = []
        for pat in self.want:
            if re.search(r"[*?]|/\Z", pat):
                rx = _glob_re(pat)
                res += [f for f in files if rx.match(f) and f not in taken
                        and not any(d.match(f) for d in drop)]
            elif pat in taken:
                raise Fail(f"{self.patch}: Adds: {pat}: {taken[pat]} adds it already")
            elif pat not in files:
                raise Fail(f"{self.patch}: Adds: {pat}: there is no {repo_path(pat)}")
            else:
                res.append(pat)
        return sorted(set(res))


class Patch:
    """One patch file: a mail."""

    def __init__(self, group, rel, top=None):
        self.group, self.rel = group, rel
        self.file = os.path.join(top or REPO, "kernel", rel)
        try:
            self.raw = read_file(self.file)
        except OSError as e:
            raise Fail(f"kernel/series names {rel}: {e.strerror}") from e
        self.parse()

    def parse(self):
        with tempfile.TemporaryDirectory(prefix="gmem-mail-") as d:
            m, p = os.path.join(d, "m"), os.path.join(d, "p")
            r = subprocess.run(["git", "mailinfo", "--no-scissors", "--encoding=UTF-8", m, p],
                               input=self.raw, capture_output=True, cwd=d, env=git_env())
            if r.returncode:
                raise Fail(f"kernel/{self.rel}: not a mail that git am takes: "
                           f"{r.stderr.decode(errors='replace').strip()}")
            info = dict(ln.split(": ", 1) for ln in r.stdout.decode().splitlines() if ": " in ln)
            self.body = read_file(m).decode()
            rest = read_file(p)
        self.author = info.get("Author", "")
        self.email = info.get("Email", "")
        self.subject = info.get("Subject", "")
        self.date = info.get("Date", "")
        for what, val in (("From:", self.email), ("Subject:", self.subject), ("Date:", self.date)):
            if not val:
                raise Fail(f"kernel/{self.rel}: no {what} line")
        i = rest.find(b"\ndiff --git ")
        notes, self.diff = (rest, b"") if i < 0 else (rest[:i + 1], rest[i + 1:])
        # A mail ends with "-- " and a version: no part of a patch without hunks.
        lines = notes.decode(errors="replace").splitlines()
        self.adds = Adds([ln[5:].strip() for ln in lines if ln.startswith("Adds:")], "kernel/" + self.rel)
        self.notes = [ln for ln in lines if not ln.startswith("Adds:")]
        self.touched = set()
        for m in re.finditer(rb"^(?:--- a/|\+\+\+ b/|(?:rename|copy) (?:from|to) )([^\t\n]+)",
                             self.diff, re.M):
            self.touched.add(os.fsdecode(m.group(1)))
        for m in re.finditer(rb"^diff --git a/(\S+) b/(\S+)$", self.diff, re.M):
            self.touched |= {os.fsdecode(m.group(1)), os.fsdecode(m.group(2))}

    @property
    def message(self):
        return (self.subject + "\n\n" + self.body).strip() + "\n"


def read_series(top=None):
    """[(group, path below kernel/)] of every line of kernel/series."""
    top = top or REPO
    res, seen = [], set()
    for n, ln in enumerate(open(os.path.join(top, "kernel", "series")), 1):
        f = ln.split("#", 1)[0].split()
        if not f:
            continue
        if len(f) != 2 or f[0] not in GROUPS:
            raise Fail(f"kernel/series:{n}: expected 'GROUP patches/GROUP/NNNN-name.patch' "
                       f"with a group of {', '.join(GROUPS)}: {ln.strip()}")
        rel = f[1] if f[1].startswith("patches/") else "patches/" + f[1]
        if rel in seen:
            raise Fail(f"kernel/series:{n}: {rel} stands there twice")
        if res and GROUPS.index(f[0]) < GROUPS.index(res[-1][0]):
            raise Fail(f"kernel/series:{n}: group {f[0]} stands after {res[-1][0]}; "
                       f"the order is {', '.join(GROUPS)}")
        seen.add(rel)
        res.append((f[0], rel))
    return res


def check_series(name):
    if name not in SERIES:
        raise Fail(f"SERIES={name}: no such series; there are {', '.join(SERIES)}")
    return name


def load_series(name, top=None):
    groups = SERIES[check_series(name)]
    return [Patch(g, rel, top) for g, rel in read_series(top) if g in groups]


def base_version(top=None):
    for ln in open(os.path.join(top or REPO, "kernel", "base")):
        ln = ln.split("#", 1)[0].strip()
        if ln:
            return ln
    raise Fail("kernel/base names no kernel version")


def to_epoch(date):
    """A mail's date as git's raw form."""
    import email.utils
    t = email.utils.parsedate_tz(date)
    if not t:
        raise Fail(f"not a date: {date}")
    off = t[9] or 0
    sign = "-" if off < 0 else "+"
    return f"{email.utils.mktime_tz(t)} {sign}{abs(off) // 3600:02d}{abs(off) % 3600 // 60:02d}"


class Chain:
    """The commits of a series on a base, made without any working tree.

    A tiny index that holds only the files the series touches takes the
    hunks, git fast-import makes the commits.  Author, dates and identity come
    from the mails alone, so that equal input gives equal commits.
    """

    def __init__(self, git, base, patches, top=None):
        self.git, self.base, self.patches = git, base, patches
        self.top = top or REPO
        self.commits = []       # one per patch
        self.added = {}         # kernel path -> patch that adds it
        self.links = {}         # kernel path -> path in the repository
        self.build()

    def build(self):
        git, top = self.git, self.top
        files = kernel_files(top)
        plan = []
        for p in self.patches:
            add = p.adds.expand(files, self.added)
            if not add and not p.diff:
                raise Fail(f"kernel/{p.rel}: neither hunks nor files: its Adds: lines match nothing")
            for f in add:
                self.added[f] = "kernel/" + p.rel
            plan.append(add)
        stray = [f for f, rp in files.items() if rp.startswith("kernel/") and f not in self.added]
        self.stray = [files[f] for f in stray]
        changed_later = set()
        for i, p in enumerate(self.patches):
            changed_later |= p.touched & set(self.added)
        self.links = {f: files[f] for f in self.added if f not in changed_later}

        blob = {}
        names = sorted(self.added)
        if names:
            out = git.out("hash-object", "-w", "--no-filters", "--stdin-paths",
                          input="".join(os.path.join(top, files[f]) + "\n" for f in names))
            for f, sha in zip(names, out.split()):
                mode = "100755" if os.access(os.path.join(top, files[f]), os.X_OK) else "100644"
                blob[f] = (mode, sha)
        touched = set().union(*[p.touched for p in self.patches]) if self.patches else set()
        state = git.ls_tree(self.base, touched) if touched else {}
        have = git.ls_tree(self.base, names) if names else {}
        for f in have:
            raise Fail(f"{self.added[f]}: Adds: {f}: the kernel has that file already")

        stream = []
        with tempfile.TemporaryDirectory(prefix="gmem-chain-") as tmp:
            env = {"GIT_INDEX_FILE": os.path.join(tmp, "index")}
            index = "".join(f"{m} {s}\t{f}\n" for f, (m, s) in state.items())
            git.run("update-index", "--index-info", input=index, env=env)
            for n, (p, add) in enumerate(zip(self.patches, plan), 1):
                new = dict(state)
                if p.diff:
                    r = git.run("apply", "--cached", "--whitespace=nowarn", input=p.diff,
                                env=env, check=False)
                    if r.returncode:
                        raise Fail(f"kernel/{p.rel} does not apply:\n"
                                   + r.stderr.decode(errors="replace").rstrip())
                    new = {}
                    for ent in git.run("ls-files", "-sz", env=env).stdout.split(b"\0"):
                        if ent:
                            meta, path = ent.split(b"\t", 1)
                            m, s, _ = meta.decode().split()
                            new[os.fsdecode(path)] = (m, s)
                if add:
                    for f in add:
                        if f in new:
                            raise Fail(f"kernel/{p.rel}: Adds: {f}: the patch itself creates it too")
                    hot = [f for f in add if f in touched]
                    if hot:
                        git.run("update-index", "--index-info", env=env,
                                input="".join(f"{blob[f][0]} {blob[f][1]}\t{f}\n" for f in hot))
                        new.update({f: blob[f] for f in hot})
                msg = p.message.encode()
                when = to_epoch(p.date)
                c = [f"commit refs/gmem/next\nmark :{n}\n"
                     f"author {p.author or p.email} <{p.email}> {when}\n"
                     f"committer gmem-sim <gmem-sim@localhost> {when}\n"
                     f"data {len(msg)}\n".encode() + msg + b"\n"
                     + f"from {self.base if n == 1 else f':{n - 1}'}\n".encode()]
                for f in sorted(set(state) | set(new)):
                    if state.get(f) != new.get(f):
                        c.append(os.fsencode(f"D {f}\n" if f not in new
                                             else f"M {new[f][0]} {new[f][1]} {f}\n"))
                for f in add:
                    if f not in new:
                        c.append(os.fsencode(f"M {blob[f][0]} {blob[f][1]} {f}\n"))
                stream.append(b"".join(c))
                state = new
            if stream:
                marks = os.path.join(tmp, "marks")
                git.run("fast-import", "--quiet", "--force", "--date-format=raw", f"--export-marks={marks}",
                        input=b"".join(stream))
                by = dict(ln.split() for ln in open(marks))
                self.commits = [by[f":{n}"] for n in range(1, len(self.patches) + 1)]
        self.tip = self.commits[-1] if self.commits else self.base
