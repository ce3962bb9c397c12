# SPDX-License-Identifier: GPL-2.0
"""The mailable series: git format-patch of the commits, and the cover letter.

Equal input gives equal bytes: dates and authors are those of the patches, no
mail names a version of a tool.  Patches of nobody, that is of an address at
localhost, are of the person who signs.
"""

import email.header
import os
import re
import textwrap

import cyclelib
from gmemlib import Fail, REPO, SERIES, read_file, to_epoch, write_file

NOBODY = "@localhost"


def signer(text):
    """The environment for 'Name <mail>', {} if nobody signs."""
    text = (text or "").strip()
    if not text:
        return {}
    m = re.fullmatch(r"([^<>\n]*[^<>\s])\s*<([^<>\s@]+@[^<>\s@]+)>", text)
    # git leaves these out at both ends of a name in Signed-off-by, which has to be the name in From.
    name = m.group(1).strip(" \t.,:;\"\\'") if m else ""
    if not name:
        raise Fail(f"SIGNOFF={' '.join(text.split())}: expected 'Name <mail address>'")
    return {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": m.group(2)}


def format_patch(git, chain, out, who):
    """Write the numbered mails; their names in order."""
    if not chain.commits:
        return []
    git.run("format-patch", "-q", "--no-signature", "--zero-commit", "--abbrev=12", "--no-renames", "--no-base",
            "--no-thread", "--numbered", "--diff-algorithm=myers", *(["--signoff"] if who else []), "-o", out,
            f"{chain.base}..{chain.tip}", env=who)
    files = sorted(f for f in os.listdir(out) if f.endswith(".patch"))
    for f in files if who else ():
        # checkpatch wants the sign-off of the author.
        head, sep, rest = read_file(os.path.join(out, f)).partition(b"\n\n")
        line = sender(who["GIT_COMMITTER_NAME"], who["GIT_COMMITTER_EMAIL"]).rstrip("\n").encode()
        head = re.sub(rb"^From: .*<[^<>\s]+" + NOBODY.encode() + rb">$", lambda m: line, head, flags=re.M)
        write_file(os.path.join(out, f), head + sep + rest)
    return files


def span(chain, group):
    """The numbers of the patches of a group, as a person writes them."""
    n = [i for i, p in enumerate(chain.patches, 1) if p.group == group]
    return f"{n[0]}-{n[-1]}" if len(n) > 1 else f"{n[0]}" if n else "none"


def cover_text(chain, name, top=None):
    """(subject, body) from kernel/cover.

    A paragraph that begins with "[group]" is for series with patches of that group only;
    {group} stands for the numbers of its patches, {version} for that of the kernel, {cycles} for
    the figures that {cycles_command} has recorded.
    """
    try:
        with open(os.path.join(top or REPO, "kernel", "cover"), encoding="utf-8") as f:
            text = "".join(ln for ln in f if not ln.startswith("#"))
    except OSError as e:
        raise Fail(f"kernel/cover: {e.strerror}") from e
    have = {p.group for p in chain.patches}
    parts = []
    for part in re.split(r"\n{2,}", text.strip()):
        m = re.match(r"\[([a-z]+)\]\s", part)
        if m and m.group(1) not in ("ops", "fixes", "sim", "rfc"):
            raise Fail(f"kernel/cover: [{m.group(1)}]: no such group")
        if m and m.group(1) not in have:
            continue
        parts.append(part[m.end():] if m else part)
    values = {g: span(chain, g) for g in ("ops", "fixes", "sim", "rfc")} | {"version": chain.version}
    if "{cycles" in text:
        command, table = cyclelib.recorded()
        values |= {"cycles": "\n".join("  " + ln for ln in table), "cycles_command": command}
    for key in re.findall(r"\{(\w+)\}", text):
        if key not in values:
            raise Fail(f"kernel/cover: {{{key}}}: there are " + ", ".join(f"{{{v}}}" for v in values))
    parts = [re.sub(r"\{(\w+)\}", lambda m: values[m.group(1)], p) for p in parts]
    if len(parts) < 2 or "\n" in parts[0]:
        raise Fail("kernel/cover: expected a line with the subject, an empty line and the text")
    return parts[0], "\n\n".join(parts[1:])


def new_files(git, chain):
    """What the series adds, a line per directory."""
    dirs = {}
    stat = git.out("diff", "--numstat", "--no-renames", "--diff-filter=A", chain.base, chain.tip)
    for ln in stat.splitlines():
        n, _, path = ln.split("\t")
        d = dirs.setdefault("/".join(path.split("/")[:-1][:4]), [0, 0])
        d[0] += 1
        d[1] += 0 if n == "-" else int(n)
    width = max(map(len, dirs), default=0)
    return [f" {d:<{width}}  {n:4} file{'s' if n > 1 else ' '}  {lines:6} lines" for d, (n, lines) in sorted(dirs.items())]


def header(name, value):
    try:
        value.encode("ascii")
        return "\n ".join(textwrap.wrap(f"{name}: {value}", 76, break_long_words=False, break_on_hyphens=False)) + "\n"
    except UnicodeEncodeError:
        return f"{name}: {email.header.Header(value, 'utf-8', maxlinelen=76, header_name=name).encode()}\n"


def sender(name, mail):
    if name.isascii() and re.search(r'[][()<>@,;:\\".]', name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return header("From", name).rstrip("\n") + f" <{mail}>\n"


def cover_letter(git, chain, name, who):
    subject, body = cover_text(chain, name)
    last = max(chain.patches, key=lambda p: int(to_epoch(p.date).split()[0]))
    author, mail = ((who["GIT_COMMITTER_NAME"], who["GIT_COMMITTER_EMAIL"]) if who
                    else (chain.patches[-1].author, chain.patches[-1].email))
    n = len(chain.commits)
    by = {}
    for p in chain.patches:
        by.setdefault(author if who and p.email.endswith(NOBODY) else p.author or p.email, []).append(p.subject)
    log = "\n\n".join(f"{a} ({len(s)}):\n" + "\n".join("  " + x for x in s) for a, s in sorted(by.items()))
    stat = git.out("diff", "--stat=76", "--no-renames", "--diff-filter=M", chain.base, chain.tip)
    new = new_files(git, chain)
    text = f"{body}\n\n{log}\n\nChanged files:\n\n {stat}\n"
    if new:
        text += "\nNew files:\n\n" + "\n".join(new) + "\n"
    head = (f"From {'0' * 40} Mon Sep 17 00:00:00 2001\n"
            + sender(author, mail)
            + f"Date: {last.date}\n"
            + header("Subject", f"[PATCH {0:0{len(str(n))}}/{n}] {subject}"))
    if not (head + text).isascii():
        head += "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    return head + "\n" + text


def write(git, chain, name, out, who):
    """Cover letter and patches to the empty directory @out; the names of the patches."""
    files = format_patch(git, chain, out, who)
    if files:
        with open(os.path.join(out, "0000-cover-letter.patch"), "w", encoding="utf-8") as f:
            f.write(cover_letter(git, chain, name, who))
    return files
