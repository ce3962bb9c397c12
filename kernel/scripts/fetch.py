# SPDX-License-Identifier: GPL-2.0
"""Download the kernel source: the system's own Debian mirror, then kernel.org."""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request

from gmemlib import Fail, cache_dir, say
from source import from_tarball

SUITES = ("trixie-backports", "sid")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
KERNEL_ORG = "https://cdn.kernel.org/pub/linux/kernel"


def debian_suites():
    """Names by which a sources list may call the release of this machine, or any other of Debian."""
    res = {"stable", "oldstable", "testing", "unstable", "sid", "bookworm", "trixie", "forky"}
    try:
        m = re.search(r'^VERSION_CODENAME="?([\w-]+)', open("/etc/os-release").read(), re.M)
        if m:
            res.add(m.group(1))
    except OSError:
        pass
    return res


def mirrors():
    """Debian mirrors that this machine is configured to use, security archives left out."""
    res, debian = [], debian_suites()

    def add(uri, suites):
        uri = uri.rstrip("/")
        if uri.startswith("mirror+file:"):
            with open(uri[len("mirror+file:"):], errors="replace") as fh:
                for ln in fh:
                    if ln.strip() and not ln.startswith("#"):
                        add(ln.split()[0], suites)
        elif "security" not in uri and uri not in res and any(
                x.split("-")[0] in debian and not x.endswith("-security") for x in suites):
            res.append(uri)
    for f in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*.list"))]:
        if os.path.isfile(f):
            for ln in open(f, errors="replace"):
                m = re.match(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", ln)
                if m and re.search(r"\bmain\b", m.group(3)):
                    add(m.group(1), [m.group(2)])
    for f in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        for para in re.split(r"\n\s*\n", open(f, errors="replace").read()):
            key, fields = None, {}
            for ln in para.splitlines():
                if ln.startswith("#"):
                    continue
                m = re.match(r"([\w-]+):\s*(.*)", ln)
                if m:
                    key = m.group(1).lower()
                    fields[key] = m.group(2)
                elif key:
                    fields[key] += " " + ln.strip()
            if fields.get("enabled", "yes").lower() in ("no", "false", "0"):
                continue
            if "deb" in fields.get("types", "").split() and "main" in fields.get("components", "").split():
                for u in fields.get("uris", "").split():
                    add(u, fields.get("suites", "").split())
    return res


def last_line(r):
    text = (r.stderr + r.stdout).decode(errors="replace").strip().splitlines()
    bad = [ln for ln in text if "Failed to fetch" in ln] or [ln for ln in text if ln.startswith(("E:", "Err:"))] or text
    return bad[-1] if bad else f"exit status {r.returncode}"


def package(want, mirror, tmp):
    """Path of a linux-source package of @want from @mirror, downloaded below @tmp."""
    pkg = f"linux-source-{want}"
    apt = os.path.join(tmp, "apt")
    for d in ("lists/partial", "cache/archives/partial", "etc"):
        os.makedirs(os.path.join(apt, d))
    src = os.path.join(apt, "etc", "sources.list")
    with open(src, "w") as f:
        for s in SUITES:
            f.write(f"deb [signed-by={KEYRING}] {mirror} {s} main\n")
    opts = ["-o", f"Dir::Etc::sourcelist={src}", "-o", "Dir::Etc::sourceparts=/dev/null",
            "-o", "Dir::Etc::preferences=/dev/null", "-o", "Dir::Etc::preferencesparts=/dev/null",
            "-o", f"Dir::State::lists={apt}/lists", "-o", f"Dir::Cache={apt}/cache",
            "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none",
            "-o", "Acquire::Retries=2", "-o", "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false"]
    r = subprocess.run(["apt-get", *opts, "-q", "update"], capture_output=True, cwd=tmp)
    if r.returncode or b"\nE:" in b"\n" + r.stderr or b"\nErr:" in r.stdout:
        # One suite may be missing on a mirror; the package decides.
        update_error = last_line(r)
    else:
        update_error = None
    r = subprocess.run(["apt-cache", *opts, "madison", pkg], capture_output=True, cwd=tmp)
    vers = [ln.split("|")[1].strip() for ln in r.stdout.decode().splitlines() if ln.count("|") == 2]
    vers = [v for v in vers if re.match(rf"{re.escape(want)}\.\d", v)]
    if not vers:
        raise Fail(update_error or f"no package {pkg} in {', '.join(SUITES)}")
    best = vers[0]
    for v in vers[1:]:
        if subprocess.run(["dpkg", "--compare-versions", v, "gt", best]).returncode == 0:
            best = v
    say(f"downloading {pkg} {best} from the Debian mirror")
    r = subprocess.run(["apt-get", *opts, "-q", "download", f"{pkg}={best}"], capture_output=True, cwd=tmp)
    debs = glob.glob(os.path.join(tmp, pkg + "_*.deb"))
    if r.returncode or not debs:
        raise Fail(f"{pkg} {best}: {last_line(r)}")
    return debs[0], best


def from_package(want, tried):
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        tried.append(f"Debian package linux-source-{want}: this machine has no apt-get")
        return None
    if not os.path.exists(KEYRING):
        tried.append(f"Debian package linux-source-{want}: {KEYRING} is missing (package debian-archive-keyring)")
        return None
    ms = mirrors()
    if not ms:
        tried.append(f"Debian package linux-source-{want}: no Debian mirror is configured in /etc/apt")
    for m in ms:
        with tempfile.TemporaryDirectory(prefix=".tmp-pkg-", dir=cache_dir("base")) as tmp:
            try:
                deb, ver = package(want, m, tmp)
                fs = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
                subprocess.run(["tar", "-x", "-C", tmp, "--wildcards", "./usr/src/*.tar.xz"], stdin=fs.stdout,
                               check=True)
                fs.stdout.close()
                fs.wait()
                os.unlink(deb)
                tars = glob.glob(os.path.join(tmp, "usr/src/*.tar.xz"))
                if not tars:
                    raise Fail(f"{os.path.basename(deb)} holds no usr/src/*.tar.xz")
                return from_tarball(tars[0], want, f"Debian package linux-source-{want} {ver}")
            except (Fail, subprocess.CalledProcessError, OSError) as e:
                tried.append(f"Debian package linux-source-{want} from {m}, suites {', '.join(SUITES)}: {e}")
    return None


def get(url, path=None):
    with urllib.request.urlopen(url, timeout=60) as r:
        if not path:
            return r.read()
        with open(path, "wb") as f:
            shutil.copyfileobj(r, f, 1 << 20)
    return None


def from_kernel_org(want, tried):
    d = f"{KERNEL_ORG}/v{want.split('.')[0]}.x"
    try:
        sums = get(f"{d}/sha256sums.asc").decode(errors="replace")
    except OSError as e:
        tried.append(f"{d}/sha256sums.asc: {getattr(e, 'reason', e)}")
        return None
    found = re.findall(rf"^([0-9a-f]{{64}})  (linux-{re.escape(want)}(?:\.(\d+))?\.tar\.xz)$", sums, re.M)
    if not found:
        tried.append(f"{d}/sha256sums.asc: names no linux-{want}*.tar.xz")
        return None
    sha, name, _ = max(found, key=lambda x: int(x[2] or 0))
    with tempfile.TemporaryDirectory(prefix=".tmp-tar-", dir=cache_dir("base")) as tmp:
        path = os.path.join(tmp, name)
        try:
            say(f"downloading {d}/{name}")
            get(f"{d}/{name}", path)
            h = hashlib.sha256()
            with open(path, "rb") as f:
                while chunk := f.read(1 << 20):
                    h.update(chunk)
            if h.hexdigest() != sha:
                raise Fail("its SHA-256 is not the one of sha256sums.asc")
            return from_tarball(path, want, f"kernel.org {name}")
        except (Fail, OSError) as e:
            tried.append(f"{d}/{name}: {e}")
    return None


def fetch(want):
    tried = [f"LINUX=: not given", f"cache: no Linux {want}.y in {cache_dir('base')}"]
    path = from_package(want, tried) or from_kernel_org(want, tried)
    if not path:
        raise Fail(f"no source of Linux {want}.y can be had; tried:\n"
                   + "".join(f"  * {t}\n" for t in tried)
                   + "  Give a tree of your own: make tree LINUX=/path/to/linux")
    return path
