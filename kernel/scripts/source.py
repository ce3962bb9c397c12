# SPDX-License-Identifier: GPL-2.0
"""The pristine kernel: found, downloaded if need be, and kept as one git commit.

base/<name>.git in the cache is a bare repository of one commit.  Each tree
borrows its objects.  It is made under a temporary name and renamed when it is
complete; its stamp tells what must be there.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

from gmemlib import (Fail, Git, cache_dir, git_env, load_json, locked, sane_gitignore, say, store_json,
                     base_version)

WHO = "Linux <linux@localhost> 0 +0000"


def makefile_version(text):
    v = {}
    for key in ("VERSION", "PATCHLEVEL", "SUBLEVEL"):
        m = re.search(rf"^{key} *= *(\S*)", text, re.M)
        v[key] = m.group(1) if m else ""
    return v["VERSION"], v["PATCHLEVEL"], v["SUBLEVEL"] or "0"


def check_version(text, want, where):
    """The x.y.z of a kernel's top Makefile, if it is @want's x.y."""
    a, b, c = makefile_version(text)
    if not a or not b:
        raise Fail(f"{where}: not a kernel tree: its Makefile has no VERSION and PATCHLEVEL")
    if f"{a}.{b}" != want:
        raise Fail(f"{where} is Linux {a}.{b}.{c} (VERSION = {a}, PATCHLEVEL = {b}); "
                   f"the series applies to {want}.y")
    return f"{a}.{b}.{c}"


def stamp_of(path):
    return os.path.join(path, "gmem-stamp.json")


def damaged(path):
    """Why the base repository at @path can't be used, or None."""
    st = load_json(stamp_of(path))
    if not st or "commit" not in st:
        return "it has no stamp"
    for name, size in st["packs"].items():
        try:
            n = os.stat(os.path.join(path, "objects", "pack", name)).st_size
        except FileNotFoundError:
            return f"{name} is missing"
        if n != size:
            return f"{name} has {n} bytes instead of {size}"
    git = Git(path)
    if git.run("rev-parse", "--verify", "-q", "refs/heads/base", check=False).stdout.decode().strip() != st["commit"]:
        return "its branch is not at the commit of the stamp"
    if not git.ok("ls-tree", st["commit"]):
        return "git can't read its commit"
    return None


def drop_corrupt():
    """Remove base repositories whose packs are not what git wrote: the number of them.

    damaged() looks at sizes, for speed; this reads everything, and is for when git has failed.
    """
    n = 0
    for name in sorted(os.listdir(cache_dir("base"))):
        path = os.path.join(cache_dir("base"), name)
        st = load_json(stamp_of(path)) if name.endswith(".git") else None
        for pack in st["packs"] if st else ():
            try:
                with open(os.path.join(path, "objects", "pack", pack), "rb") as f:
                    data = f.read()
            except OSError:
                data = b""
            # Packs and their indices end with a checksum of all before it.
            if pack.endswith((".pack", ".idx")) and hashlib.sha1(data[:-20]).digest() != data[-20:]:
                say(f"cache: {path} is damaged: the contents of {pack} do not match its checksum; removing it")
                shutil.rmtree(path)
                n += 1
                break
    return n


class Importer:
    """Feeds git fast-import with files and stamps the result."""

    def __init__(self, name):
        self.name = name
        self.final = os.path.join(cache_dir("base"), name + ".git")
        self.tmp = tempfile.mkdtemp(prefix=".tmp-", dir=cache_dir("base"))
        self.git = Git(self.tmp)
        self.git.run("init", "-q", "--bare", ".")
        self.git.run("config", "core.compression", "1")
        self.git.run("config", "fastimport.unpackLimit", "0")   # a pack has a size to check
        self.count = 0
        self.makefile = ""
        self.p = None

    def start(self):
        self.p = subprocess.Popen(["git", "fast-import", "--quiet", "--depth=0", "--date-format=raw"],
                                  cwd=self.tmp, stdin=subprocess.PIPE, env=git_env())
        msg = f"Linux {self.name}\n".encode()
        self.p.stdin.write(b"commit refs/heads/base\nauthor %s\ncommitter %s\ndata %d\n%s" %
                           (WHO.encode(), WHO.encode(), len(msg), msg))

    def add(self, path, mode, data):
        if path == "Makefile":
            self.makefile = data.decode(errors="replace")
        self.p.stdin.write(b"M %s inline %s\ndata %d\n" % (mode, os.fsencode(path), len(data)))
        self.p.stdin.write(data)
        self.p.stdin.write(b"\n")
        self.count += 1

    def tar(self, f):
        with tarfile.open(fileobj=f, mode="r|") as t:
            for m in t:
                path = m.name.split("/", 1)[1] if "/" in m.name else ""
                if m.isfile() and path:
                    self.add(path, b"100755" if m.mode & 0o100 else b"100644", t.extractfile(m).read())
                elif m.issym() and path:
                    self.add(path, b"120000", os.fsencode(m.linkname))

    def directory(self, top, names):
        for n in names:
            f = os.path.join(top, n)
            if os.path.islink(f):
                self.add(n, b"120000", os.fsencode(os.readlink(f)))
            elif os.path.isfile(f):
                with open(f, "rb") as fh:
                    self.add(n, b"100755" if os.access(f, os.X_OK) else b"100644", fh.read())

    def finish(self, want, origin):
        if self.p:
            self.p.stdin.close()
            if self.p.wait():
                raise Fail(f"git fast-import of {origin} failed")
        commit = self.git.out("rev-parse", "--verify", "refs/heads/base")
        version = check_version(self.makefile or self.git.out("show", f"{commit}:Makefile"), want, origin)
        pd = os.path.join(self.tmp, "objects", "pack")
        store_json(stamp_of(self.tmp), {
            "commit": commit, "version": version, "origin": origin, "files": self.count,
            "packs": {n: os.stat(os.path.join(pd, n)).st_size for n in sorted(os.listdir(pd))}})
        if os.path.exists(self.final):
            shutil.rmtree(self.final)
        os.rename(self.tmp, self.final)

    def drop(self):
        if self.p:
            self.p.kill()
            self.p.wait()
        shutil.rmtree(self.tmp, ignore_errors=True)


def import_base(name, want, origin, fill):
    """Make base @name; @fill(importer) supplies the files."""
    imp = Importer(name)
    try:
        fill(imp)
        imp.finish(want, origin)
    except BaseException as e:
        imp.drop()
        if isinstance(e, BrokenPipeError):
            raise Fail(f"git fast-import of {origin} died") from e
        raise
    return imp.final


def from_xz(imp, path):
    imp.start()
    with subprocess.Popen(["xz", "-dc", "-T0", path], stdout=subprocess.PIPE) as x:
        try:
            imp.tar(x.stdout)
        except tarfile.TarError as e:
            raise Fail(f"{path}: {e}") from e
    if x.returncode:
        raise Fail(f"{path}: xz can't unpack it")


# ---- LINUX=/path/to/tree ----

TOP_FILES = (".clang-format", ".clippy.toml", ".cocciconfig", ".editorconfig", ".get_maintainer.ignore", ".gitattributes",
             ".gitignore", ".mailmap", ".pylintrc", ".rustfmt.toml", "COPYING", "CREDITS", "Kbuild", "Kconfig",
             "MAINTAINERS", "Makefile", "README")


def unhide(top):
    """Options for git ls-files: what belongs to the kernel, whatever the tree's .gitignore says.

    That of Debian's package hides all of it, and dot files of the kernel that others let through.
    """
    dots = [f"--exclude=!{n}" for n in (".gitignore", ".kunitconfig", ".clang-format", ".renames.txt")]
    try:
        with open(os.path.join(top, ".gitignore"), "rb") as f:
            data = f.read()
    except OSError:
        return dots
    if sane_gitignore(data) == data:
        return dots
    names = [n for n in os.listdir(top) if n in TOP_FILES
             or os.path.isdir(os.path.join(top, n)) and not n.startswith(".") and n != "debian"]
    return dots + [f"--exclude=!/{n}" for n in names]


def own_tree(linux, want):
    """Base of the user's own tree; made anew whenever the tree has changed."""
    top = os.path.realpath(linux)
    if not os.path.isdir(top):
        raise Fail(f"LINUX={linux}: no such directory")
    mk = os.path.join(top, "Makefile")
    if not os.path.isfile(mk) or not os.path.isfile(os.path.join(top, "Kbuild")):
        raise Fail(f"LINUX={linux}: not a kernel tree (no Makefile and Kbuild in it)")
    version = check_version(open(mk, errors="replace").read(), want, f"LINUX={linux}")
    if os.path.exists(os.path.join(top, ".git", "gmem-state.json")):
        raise Fail(f"LINUX={linux}: that is an assembled tree of this project, not a kernel to put the series on")
    is_git = os.path.exists(os.path.join(top, ".git"))
    # What git would take, build products left out; by stat, for speed.
    with tempfile.TemporaryDirectory(prefix="gmem-ls-") as d:
        if is_git:
            out = Git(top).run("ls-files", "-coz", "--exclude-standard").stdout
        else:
            Git(d).run("init", "-q", "--bare", ".")
            out = Git(top, GIT_DIR=d, GIT_WORK_TREE=top).run("ls-files", "-oz", "--exclude-standard", *unhide(top)).stdout
    names = sorted({os.fsdecode(n) for n in out.split(b"\0") if n})
    if "Makefile" not in names:
        raise Fail(f"LINUX={linux}: git ignores the Makefile there; what is to be taken from that tree?")
    h = hashlib.sha1(top.encode())
    for n in names:
        try:
            st = os.lstat(os.path.join(top, n))
        except FileNotFoundError:
            continue
        h.update(f"{n}\0{st.st_size}\0{st.st_mtime_ns}\0{st.st_mode}\n".encode())
    # Trees that stand on an earlier state still need that state's objects.
    name = f"{version}-own-{hashlib.sha1(top.encode()).hexdigest()[:8]}-{h.hexdigest()[:8]}"
    path = os.path.join(cache_dir("base"), name + ".git")
    if os.path.exists(path):
        why = damaged(path)
        if not why:
            return path
        say(f"cache: {path} is damaged: {why}; making it anew")
    say(f"importing {top} (Linux {version}, {len(names)} files)")

    def fill(imp):
        imp.start()
        imp.directory(top, names)
    return import_base(name, want, f"LINUX={linux}", fill)


# ---- cache, Debian package, kernel.org ----

def cached(want):
    best = None
    for n in os.listdir(cache_dir("base")):
        m = re.fullmatch(rf"({re.escape(want)}\.\d+)\.git", n)
        if not m:
            continue
        path = os.path.join(cache_dir("base"), n)
        why = damaged(path)
        if why:
            say(f"cache: {path} is damaged: {why}; removing it")
            shutil.rmtree(path)
            continue
        key = [int(x) for x in m.group(1).split(".")]
        if not best or key > best[0]:
            best = (key, path)
    return best and best[1]


def from_tarball(path, want, origin):
    """Import linux-*.tar.xz; the version is only known once it is unpacked."""
    with subprocess.Popen(["xz", "-dc", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as x:
        text = ""
        with tarfile.open(fileobj=x.stdout, mode="r|") as t:
            for m in t:
                if m.name.count("/") == 1 and m.name.endswith("/Makefile"):
                    text = t.extractfile(m).read().decode(errors="replace")
                    break
        x.kill()
    version = check_version(text, want, origin)
    say(f"importing Linux {version} from {origin}")
    t0 = time.monotonic()
    res = import_base(version, want, origin, lambda imp: from_xz(imp, path))
    say(f"imported in {time.monotonic() - t0:.0f} s")
    return res


def find_base(linux=None):
    """(path, stamp) of the base repository to build on."""
    want = base_version()
    with locked(os.path.join(cache_dir(), "base.lock"), "the kernel source in the cache"):
        for n in os.listdir(cache_dir("base")):
            if n.startswith(".tmp-"):       # half-written by one that was killed
                shutil.rmtree(os.path.join(cache_dir("base"), n), ignore_errors=True)
        if linux:
            path = own_tree(linux, want)
        else:
            path = cached(want)
            if not path:
                import fetch
                path = fetch.fetch(want)
        return path, load_json(stamp_of(path))
