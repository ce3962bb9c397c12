# SPDX-License-Identifier: GPL-2.0
"""The assembled tree: the kernel plus one commit per patch, new files linked.

Commits are made without a working tree (gmemlib.Chain); afterwards only the
files that differ between the old and the new state are touched, so that
kbuild has little to do.  Whatever the developer has changed is either kept or
a reason to refuse, never overwritten.
"""

import atexit
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time

from gmemlib import (Chain, Fail, Git, REPO, SERIES, blob_id, cache_dir, check_series,
                     load_json, load_series, locked, read_file, sane_gitignore, say,
                     store_json, try_locked, write_file)
from source import drop_corrupt, find_base

FORMAT = 1      # raise to have every tree made anew


def tree_dir(series, linux=None):
    key = hashlib.sha1((REPO + "\0" + (os.path.realpath(linux) if linux else "")).encode()).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", os.path.basename(REPO))
    path = os.path.join(cache_dir("trees"), f"{name}-{key}-{series}")
    if re.search(r"[\s:]", path):
        raise Fail(f"the kernel can't be built in a path with spaces or colons ({path}): set XDG_CACHE_HOME")
    return path


def file_blob(path):
    """Blob id and kind of what is at @path: (None, None) if there is nothing."""
    if os.path.islink(path):
        return blob_id(os.fsencode(os.readlink(path))), "link"
    if os.path.isfile(path):
        return blob_id(read_file(path)), "file"
    return None, ("dir" if os.path.isdir(path) else None)


def running_git(top):
    """The process id of a git that works in the directory @top or below, or None."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as f:
                comm = f.read().strip()
            cwd = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            continue        # gone, or somebody else's
        if comm.split("-")[0] == "git" and (cwd + "/").startswith(os.path.realpath(top) + "/"):
            return int(pid)
    return None


class Tree:
    def __init__(self, series, linux=None):
        self.series = check_series(series)
        self.linux = linux or None
        self.path = tree_dir(series, linux)
        self.git = Git(self.path)
        self.branch = f"refs/heads/{series}"
        self.state_file = os.path.join(self.path, ".git", "gmem-state.json")

    def lock(self):
        return locked(self.path + ".lock", f"the tree {self.path}")

    def load(self):
        st = load_json(self.state_file)
        return st if st and st.get("format") == FORMAT else None

    def store(self):
        store_json(self.state_file, self.state)

    def head(self):
        return self.git.out("rev-parse", "--verify", "-q", "HEAD", check=False)

    def busy(self):
        for f, what in (("rebase-merge", "rebase"), ("rebase-apply", "rebase or am"), ("MERGE_HEAD", "merge"),
                        ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert")):
            if os.path.exists(os.path.join(self.path, ".git", f)):
                raise Fail(f"a git {what} is going on in {self.path}: finish or abort it first")

    def clear_git_locks(self):
        """Remove the lock files that a killed git has left in the tree.

        Those of refs/gmem are this tool's alone, and its lock on the tree is held.  The others may be
        those of a git that the developer runs in the tree right now.
        """
        git = os.path.join(self.path, ".git")
        ours = os.path.join(git, "refs", "gmem")
        for n in os.listdir(ours) if os.path.isdir(ours) else ():
            if n.endswith(".lock"):
                os.unlink(os.path.join(ours, n))
        shared = [os.path.join(git, n + ".lock") for n in ("index", "HEAD", "packed-refs", self.branch)]
        until = time.monotonic() + 2
        while left := [f for f in shared if os.path.exists(f)]:
            pid = running_git(self.path)
            if not pid:
                for f in left:
                    if os.path.exists(f):
                        os.unlink(f)
            elif time.monotonic() > until:
                raise Fail(f"a git command (process {pid}) works in {self.path} and holds {left[0]}: "
                           "wait for its end, or stop it")
            else:
                time.sleep(0.05)

    def unlink(self):
        """Plain files instead of links, so that every git command works in the tree."""
        st = self.state = self.load()
        if not st:
            raise Fail(f"there is no tree of SERIES={self.series}: make tree{self.hint()}")
        self.busy()
        n = 0
        for path, rp in st["links"].items():
            full, src = os.path.join(self.path, path), os.path.join(REPO, rp)
            if os.path.islink(full) and os.path.isfile(src):
                write_file(full, read_file(src), os.stat(src).st_mode & 0o777)
                shutil.copystat(src, full)
                n += 1
        self.git.run("update-index", "-z", "--no-skip-worktree", "--stdin", input="\0".join(st["links"]))
        self.git.run("update-index", "-q", "--refresh", check=False)
        return (f"{n} links are plain files now, for git rebase and the like; "
                f"make tree or make absorb links them again and takes edits over")

    # ---- making it ----

    def create(self, base):
        """A first checkout of the pristine kernel; nothing of it counts until the state is stored."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.copy_sibling(base):
            return
        os.makedirs(self.path)
        self.git.run("init", "-q", ".")
        self.git.run("symbolic-ref", "HEAD", self.branch)
        for k, v in {"core.autocrlf": "false", "core.compression": "1", "core.untrackedCache": "true",
                     "index.version": "4", "index.threads": "true", "gc.auto": "0",
                     # A copied tree has other inodes.
                     "core.checkStat": "minimal", "core.trustctime": "false",
                     "user.name": "gmem-sim", "user.email": "gmem-sim@localhost"}.items():
            self.git.run("config", k, v)
        self.borrow(base[0])
        commit = base[1]["commit"]
        say(f"checking out Linux {base[1]['version']} to {self.path}")
        self.git.run("read-tree", "--reset", "-u", commit)
        self.git.run("update-ref", self.branch, commit)
        self.state = {"format": FORMAT, "base": commit, "version": base[1]["version"], "tip": commit,
                      "pending": None, "links": {}, "commits": [], "repo": REPO, "base_path": base[0]}
        self.store()

    def copy_sibling(self, base):
        """Start from the tree of the other series, with all that has been built there.

        Times are kept, so that only what differs between the two is built again.
        """
        tmp = self.path + ".tmp"
        shutil.rmtree(tmp, ignore_errors=True)
        for other in SERIES:
            sib = Tree(other, self.linux) if other != self.series else None
            st = sib and os.path.isdir(sib.path) and sib.load()
            if not st or st["pending"] or st["base"] != base[1]["commit"]:
                continue
            sib.state = st
            locks = [sib.path + ".lock"] + [os.path.join(sib.path, n) for n in os.listdir(sib.path)
                                            if n.endswith(".lock")]
            with try_locked(*locks) as free:
                if not free or not sib.readable() or sib.head() != st["tip"] or \
                        not sib.git.ok("diff-index", "--quiet", "HEAD"):
                    continue
                say(f"copying the tree of SERIES={other} to {self.path}")
                os.makedirs(tmp)
                r = subprocess.run(["cp", "-a", "--reflink=auto", os.path.join(sib.path, "."), tmp],
                                   capture_output=True, text=True)
                if r.returncode:
                    shutil.rmtree(tmp, ignore_errors=True)
                    raise Fail(f"{sib.path} can't be copied: {r.stderr.strip()}")
            git = Git(tmp)
            git.run("symbolic-ref", "HEAD", self.branch)
            git.run("update-ref", self.branch, st["tip"])
            git.run("update-ref", "-d", sib.branch)
            os.rename(tmp, self.path)
            self.state = st
            return True
        return False

    def borrow(self, base_path):
        write_file(os.path.join(self.path, ".git", "objects", "info", "alternates"),
                   os.path.join(base_path, "objects") + "\n"
                   + "".join(ln + "\n" for ln in self.borrowed()
                             if ln != os.path.join(base_path, "objects") and os.path.isdir(ln)))

    def borrowed(self):
        try:
            return open(os.path.join(self.path, ".git", "objects", "info", "alternates")).read().split()
        except OSError:
            return []

    def readable(self):
        """Does git still have what the tree stands on?"""
        return (self.git.ok("cat-file", "-e", self.state["base"] + "^{tree}")
                and self.git.ok("cat-file", "-e", self.state["tip"] + "^{tree}")
                and self.git.ok("ls-files", "--error-unmatch", "Makefile"))

    def discard_unreadable(self):
        """A tree whose objects are gone is thrown away, unless somebody worked in it."""
        head = self.head()
        out = self.git.run("diff-files", "--name-only", check=False)
        dirty = out.stdout.decode(errors="replace").split()
        if head not in ("", self.state["tip"], self.state["pending"]):
            dirty.insert(0, "(commits of your own)")
        if dirty and out.returncode == 0:
            raise Fail(f"{self.path} has lost its git objects and holds work that is not in the series:\n"
                       + "".join(f"  {x}\n" for x in dirty[:20])
                       + "  Save what you need from it, then remove the directory.")
        say(f"cache: {self.path} has lost its git objects; making it anew")

    def set_aside(self):
        """A directory without a valid state is made anew; if there may be work in it, it is kept under another name."""
        head = self.git.run("log", "-50", "--format=%ce", check=False)
        dirty = self.git.run("diff-files", "--name-only", "--diff-filter=M", check=False)
        if os.path.isdir(os.path.join(self.path, ".git")) and not dirty.returncode:
            own = set(head.stdout.decode(errors="replace").split()) - {"gmem-sim@localhost", "linux@localhost", "localhost"}
            # A link in place of a file of the series is no edit, and a checkout that was cut short has none.
            edits = [f for f in dirty.stdout.decode(errors="replace").splitlines()
                     if not os.path.islink(os.path.join(self.path, f)) and f != ".gitignore"]
            if not own and not edits:
                say(f"cache: {self.path} is half-written or of another format; making it anew")
                return
        n = 1
        while os.path.exists(f"{self.path}.saved-{n}"):
            n += 1
        kept = f"{self.path}.saved-{n}"
        os.rename(self.path, kept)
        say(f"cache: {self.path} has lost its state and may hold work that is not in the series: it is {kept} now")

    def update(self):
        """Bring the tree to the series as it is now; a damaged pristine kernel is fetched once more."""
        try:
            return self.bring_up()
        except Fail as e:
            if not drop_corrupt():
                raise
            say(f"{e}\ncache: trying once more")
            return self.bring_up()

    def bring_up(self):
        """Bring the tree to the series as it is now.  Returns what was done, in words."""
        base = find_base(self.linux)
        self.state = self.load()
        self.clear_git_locks()
        if self.state:
            self.busy()
        elif os.path.exists(self.path):
            self.set_aside()
        if self.state and not self.readable():
            self.borrow(base[0])
            if not self.readable():
                self.discard_unreadable()
                self.state = None
        if not self.state:
            self.create(base)
        if base[0] not in [os.path.dirname(x) for x in self.borrowed()]:
            self.borrow(base[0])
        patches = load_series(self.series)
        chain = Chain(self.git, base[1]["commit"], patches)
        for rp in chain.stray:
            say(f"warning: {rp}: no patch of SERIES={self.series} adds it")
        done = self.move(chain, base)
        self.fix_gitignore()
        self.point_here()
        return done

    def fix_gitignore(self):
        """Let git see new files in the tree, without a difference to the commits."""
        f = os.path.join(self.path, ".gitignore")
        try:
            data = read_file(f)
        except OSError:
            return
        sane = sane_gitignore(data)
        if sane != data:
            write_file(f, sane)
            self.git.run("update-index", "--skip-worktree", ".gitignore")

    def point_here(self):
        """out/tree-SERIES in the checkout leads to the tree."""
        out = os.path.join(REPO, "out")
        link = os.path.join(out, f"tree-{self.series}")
        try:
            if os.path.islink(link) and os.readlink(link) == self.path:
                return
            os.makedirs(out, exist_ok=True)
            if os.path.islink(link):
                os.unlink(link)
            if not os.path.exists(link):
                os.symlink(self.path, link)
        except OSError:
            pass        # a checkout that can't be written to has no shortcut

    def move(self, chain, base):
        git, st = self.git, self.state
        old, new = st["tip"], chain.tip
        pend = st["pending"]
        head = self.head()
        changes = git.diff_tree(old, new) if old != new else []
        pchanges = git.diff_tree(old, pend) if pend and pend != new and git.ok("cat-file", "-e", pend) else []
        pblob = {p: b for p, _, b in pchanges}
        ours = {old, new, pend} - {None}
        local = head not in ours

        # Files of the tree that have to change, and what they may hold now.
        todo, bad = [], []
        seen = set()
        for path, a, b in changes + [(p, a, a) for p, a, _ in pchanges]:
            if path in seen:
                continue
            seen.add(path)
            if path in chain.links:
                continue
            want = b
            have, kind = file_blob(os.path.join(self.path, path))
            if path == ".gitignore":
                todo.append((path, want, None, kind))
                continue
            if kind == "link" and (path in st["links"] or path in (st.get("pending_links") or [])):
                have = None             # our own link, not a file of the kernel
            okay = {x[1] for x in (a, b, pblob.get(path)) if x} | {None}
            if have not in okay or kind == "dir":
                bad.append(path)
            elif have is None and a and not kind and path not in st["links"] and b:
                bad.append(path)        # deleted by the developer
            else:
                todo.append((path, want, have, kind))
        # Linked files may come and go below commits of the developer, anything else can't.
        structural = [p for p, a, b in changes
                      if not (p in chain.links and (p in st["links"] or not a)
                              or p in st["links"] and not b)]
        if local and structural:
            log = git.out("log", "--oneline", "--no-decorate", "-20", f"{old}..HEAD", check=False)
            raise Fail(f"the series has changed, but {self.path} has commits that are not in it:\n"
                       + "".join(f"  {x}\n" for x in log.splitlines())
                       + "  Fold them into the series first: make absorb" + self.hint())
        adopt, relink = self.check_links(chain, bad)
        if bad:
            raise Fail(f"the series has changed, but {self.path} has edits in files that it changes:\n"
                       + "".join(f"  {x}\n" for x in sorted(bad)[:20])
                       + "  Fold them into the series first: make absorb" + self.hint())

        if changes or relink or adopt or set(st["links"]) - set(chain.links) or pend:
            st["pending"] = new
            st["pending_links"] = sorted(chain.links)
            self.store()
        for path in adopt:
            src = os.path.join(self.path, path)
            dst = os.path.join(REPO, chain.links[path])
            write_file(dst, read_file(src), os.stat(dst).st_mode & 0o777)
            say(f"{chain.links[path]}: taken over from the tree, where the link had become a plain file")
            relink.append(path)
        content = git.blobs({w[1] for _, w, have, kind in todo if w and have != w[1]})
        for path, want, have, kind in todo:
            self.put(path, want, have, kind, content)
        for path in set(st["links"]) - set(chain.links):
            full = os.path.join(self.path, path)
            if os.path.islink(full) and path not in {t[0] for t in todo if t[1]}:
                os.unlink(full)
                self.rmdirs(path)
        for path in relink:
            full = os.path.join(self.path, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if os.path.lexists(full):
                os.unlink(full)
            os.symlink(os.path.join(REPO, chain.links[path]), full)
        self.touch_preheader(set(st["links"]) ^ set(chain.links))

        if not local:
            self.set_index(changes, pchanges, chain, relink)
            git.run("update-ref", self.branch, new)
            git.run("update-ref", "refs/gmem/assembled", new)
            if git.out("symbolic-ref", "-q", "HEAD", check=False) != self.branch:
                git.run("update-ref", "--no-deref", "HEAD", new)
        elif relink or set(st["links"]) != set(chain.links):
            self.set_index([], [], chain, relink)
        moved = old != new and not local
        links = len(set(st["links"]) ^ set(chain.links)) or len(relink)
        keep = st if local else None
        st = self.state = {"format": FORMAT, "repo": REPO, "links": chain.links, "pending": None,
                           "base": keep["base"] if keep else chain.base,
                           "tip": keep["tip"] if keep else new,
                           "commits": keep["commits"] if keep else
                           [[p.group, p.rel, c] for p, c in zip(chain.patches, chain.commits)],
                           "version": base[1]["version"], "base_path": base[0]}
        self.store()
        n = len(chain.patches)
        done = (f"SERIES={self.series}: Linux {base[1]['version']}, {n} patch{'' if n == 1 else 'es'}, "
                f"{len(chain.links)} linked files")
        what = []
        if moved:
            what.append(f"{len([t for t in todo if t[2] != (t[1] and t[1][1])])} files changed")
        if links:
            what.append(f"{links} links")
        if local:
            what.append("your commits kept")
        return done + (": " + ", ".join(what) if what else ": up to date")

    def hint(self):
        return "" if self.series == "fixed" else f" SERIES={self.series}"

    def check_links(self, chain, bad):
        """Links that are to be made, and edits of what should be a link."""
        adopt, relink = [], []
        known = self.git.ls_tree(self.state["tip"], [p for p in chain.links if p in self.state["links"]]) \
            if self.state["links"] else {}
        for path, rp in chain.links.items():
            full, src = os.path.join(self.path, path), os.path.join(REPO, rp)
            try:
                if os.readlink(full) == src:
                    continue
            except OSError:
                pass
            if os.path.islink(full) or not os.path.lexists(full):
                relink.append(path)
                continue
            if os.path.isdir(full):
                bad.append(path)
                continue
            # A plain file: an editor or git replaced the link, or it was one before.
            have, now = blob_id(read_file(full)), blob_id(read_file(src))
            was = (known.get(path) or self.git.ls_tree(self.state["tip"], [path]).get(path) or (0, None))[1]
            if have in (now, was):
                relink.append(path)
            elif now == was:
                adopt.append(path)
            else:
                bad.append(f"{path}  (a plain file that differs from {rp})")
        return adopt, relink

    def put(self, path, want, have, kind, content):
        full = os.path.join(self.path, path)
        if not want:
            if os.path.lexists(full) and kind != "dir":
                os.unlink(full)
                self.rmdirs(path)
            return
        mode, sha = want
        if have != sha:
            data = content[sha]
            if os.path.islink(full):
                os.unlink(full)
            if mode == "120000":
                os.makedirs(os.path.dirname(full), exist_ok=True)
                if os.path.lexists(full):
                    os.unlink(full)
                os.symlink(os.fsdecode(data), full)
                return
            write_file(full, data)
        if mode != "120000":
            x = os.access(full, os.X_OK)
            if x != (mode == "100755"):
                os.chmod(full, 0o755 if mode == "100755" else 0o644)

    def rmdirs(self, path):
        d = os.path.dirname(path)
        while d:
            try:
                os.rmdir(os.path.join(self.path, d))
            except OSError:
                return
            d = os.path.dirname(d)

    def set_index(self, changes, pchanges, chain, relink=()):
        """Index entries of all that changed; links are not to be looked at by git."""
        git = self.git
        final = {}
        for p, a, _ in pchanges:
            final[p] = a
        for p, _, b in changes:
            final[p] = b
        links = set(chain.links)
        fresh = (links - set(self.state["links"])) | set(relink)
        if fresh:
            final.update(git.ls_tree(chain.tip, fresh))
        nul = "\0"
        if final:
            git.run("update-index", "-z", "--index-info", input="".join(
                f"{b[0]} {b[1]}\t{p}{nul}" if b else f"0 {'0' * 40}\t{p}{nul}" for p, b in sorted(final.items())))
        unlink = (set(self.state["links"]) - links) & set(final)
        plain = [p for p, b in final.items() if b and p in unlink]
        if plain:
            git.run("update-index", "-z", "--no-skip-worktree", "--stdin", input=nul.join(plain))
        mark = [p for p in links if p in final]
        if mark:
            git.run("update-index", "-z", "--skip-worktree", "--stdin", input=nul.join(mark))
        if ".gitignore" in final and final[".gitignore"]:
            git.run("update-index", "--no-skip-worktree", ".gitignore")
        if final:
            git.run("update-index", "-q", "--refresh", check=False)

    def touch_preheader(self, changed):
        """kbuild can't see that a new shim header shadows another: have all that use shims rebuilt."""
        if not self.state["links"] or not any(p.startswith("arch/um/kvm/") and p.endswith(".h") for p in changed):
            return
        try:
            text = open(os.path.join(REPO, "sim", "um", "Makefile")).read()
        except OSError:
            return
        for n in re.findall(r"-include \$\(src\)/(\S+)", text):
            f = os.path.join(REPO, "sim", "um", n)
            if os.path.isfile(f):
                os.utime(f)


@contextlib.contextmanager
def scratch(base_path, *more):
    """A throw-away bare repository that borrows the objects of others."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=cache_dir("tmp")) as d:
        git = Git(d)
        git.run("init", "-q", "--bare", ".")
        write_file(os.path.join(d, "objects", "info", "alternates"),
                   "".join(os.path.join(p, "objects") + "\n" for p in (base_path, *more)))
        yield git


def make_chain(series, linux=None):
    """(git, chain) of a series in a scratch repository that lives as long as the process."""
    try:
        return chain_of(series, linux)
    except Fail as e:
        if not drop_corrupt():
            raise
        say(f"{e}\ncache: trying once more")
        return chain_of(series, linux)


def chain_of(series, linux):
    base = find_base(linux)
    git = _stack.enter_context(scratch(base[0]))
    chain = Chain(git, base[1]["commit"], load_series(series))
    chain.version = base[1]["version"]
    return git, chain


_stack = contextlib.ExitStack()
atexit.register(_stack.close)


def prune():
    """Remove trees of checkouts that are gone and bases nobody uses any more."""
    top, used = cache_dir("trees"), set()
    for n in sorted(os.listdir(top)):
        d = os.path.join(top, n)
        st = os.path.isdir(d) and load_json(os.path.join(d, ".git", "gmem-state.json"))
        if not st:
            continue
        if not os.path.exists(os.path.join(st["repo"], "kernel", "series")):
            say(f"removing {d}: its checkout {st['repo']} is gone")
            shutil.rmtree(d)
            continue
        used.add(st.get("base_path"))
    # What series-check works in
    for n in sorted(os.listdir(cache_dir("series-check"))):
        d = os.path.join(cache_dir("series-check"), n)
        st = load_json(os.path.join(d, "state.json"))
        if st and not os.path.exists(os.path.join(st["repo"], "kernel", "series")):
            say(f"removing {d}: its checkout {st['repo']} is gone")
            shutil.rmtree(d)
        elif st:
            used.add(st.get("base_path"))
    # Copies that kunit/mutants/run made of a tree, with their .lock and .stamp.
    for n in sorted(os.listdir(cache_dir("mutants"))):
        d = os.path.join(cache_dir("mutants"), n)
        if not os.path.exists(os.path.join(top, re.sub(r"(\.\d+)?(\.lock|\.stamp)?$", "", n))):
            say(f"removing {d}: its tree is gone")
            shutil.rmtree(d) if os.path.isdir(d) else os.unlink(d)
    for n in sorted(os.listdir(cache_dir("base"))):
        d = os.path.join(cache_dir("base"), n)
        if "-own-" in n and n.endswith(".git") and d not in used:
            say(f"removing {d}: no tree stands on it")
            shutil.rmtree(d)
    # Unpatched kernels, see x86lib.pristine_tree()
    for n in sorted(os.listdir(cache_dir("pristine"))):
        if not os.path.isdir(os.path.join(cache_dir("base"), n + ".git")):
            d = os.path.join(cache_dir("pristine"), n)
            say(f"removing {d}: its kernel is gone")
            shutil.rmtree(d)
