# SPDX-License-Identifier: GPL-2.0
"""A program that plays the campaign kernel for test-campaign, and does to each injection what FAKE says."""

import json
import os
import re
import sys
import time

WORLD = {
    "amd": {"snp_one": {"SNP_LAUNCH_UPDATE": 4, "RMPUPDATE": 5, "folio_alloc": 2},
            "snp_two": {"SNP_LAUNCH_START": 1, "gup": 3}},
    "intel": {"tdx_one": {"TDH.MEM.PAGE.ADD": 4, "TDH.MR.EXTEND": 6}},
}
KIND = {"SNP_LAUNCH_UPDATE": "psp", "SNP_LAUNCH_START": "psp", "RMPUPDATE": "rmp", "folio_alloc": "alloc", "gup": "gup",
        "TDH.MEM.PAGE.ADD": "seamcall", "TDH.MR.EXTEND": "seamcall"}


FAULTS = [f"{s}@{p}" for s in ("0x16", "TIMEOUT", "-EFAULT") for p in ("before", "forever")]


def fake(argv):
    arg = dict(a.partition("=")[::2] for a in argv)
    with open(os.environ["FAKE"]) as f:
        spec = json.load(f)
    mode, world = arg["campaign.mode"], {k: dict(v) for k, v in WORLD[arg["sim_cpu"]].items()}
    if spec.get("times"):
        world = {w: {o: n * spec["times"] for o, n in ops.items()} for w, ops in world.items()}
    with open(os.environ["FAKE"] + ".boots", "a") as f:
        f.write(mode + "\n")
    # Like UML: a helper that outlives a main process which is killed, and that has the console.
    if not os.fork():
        time.sleep(300)
        os._exit(0)

    def out(text):
        sys.stdout.write(text + "\r\n")
        sys.stdout.flush()

    def msg(**m):
        out("[    0.123456] campaign: " + json.dumps(m, separators=(",", ":")))

    def once(what):
        try:
            os.close(os.open(os.environ["FAKE"] + "." + re.sub(r"\W", "_", what), os.O_CREAT | os.O_EXCL))
            return True
        except FileExistsError:
            return False

    out("Linux version 7.2.0")
    if spec.get("boot") == "dies" or spec.get("boot") == "run dies" and mode != "record":
        out("Kernel panic - not syncing: no root")
        sys.exit(1)
    if mode == "record":
        n = 0
        depth = int(arg["campaign.depth"])
        if spec.get("record") == "nothing":
            world = {}
        for w, ops in world.items():
            for o, of in ops.items():
                for k in range(1, of + 1):
                    if spec.get("record") == "gap" and (o, k) in (("gup", 1), ("TDH.MR.EXTEND", 1)):
                        continue
                    if depth == 1:
                        msg(t="site", workload=w, op=o, occ=k, of=of, kind=KIND[o], step="x")
                    if spec.get("record") == "idle" and k == 1 or spec.get("record") == "sites alone":
                        continue
                    for f in FAULTS:
                        ident = f"{w}:{o}#{k}={f}"
                        if depth == 2:
                            if k > 1 or "forever" in f:
                                continue
                            ident += f"+{w}:RMPUPDATE#1=0x2@before"
                        n += 1
                        msg(t="injection", id=ident)
            msg(t="lifetime", workload=w, ns=900000, watched=1200000)
        if spec.get("record") == "warns":
            out("WARNING: CPU: 0 PID: 1 at virt/kvm/x.c:1 f+0x1/0x2")
        if spec.get("record") != "no end":
            msg(t="end", done=n + (spec.get("record") == "short"))
        sys.exit(0)

    ids = [i for i in open(arg["campaign.list"]).read().splitlines() if i]
    msg(t="begin", n=len(ids) - bool(spec.get("half list")))
    done = 0
    for i in ids:
        act = spec.get("do", {}).get(i, {})
        if spec.get("ms"):
            time.sleep(spec["ms"] / 1000)
        with open(os.environ["FAKE"] + ".visited", "a") as f:
            f.write(i + "\n")
        do = act.get("do")
        if act.get("once") and not once(i):
            do, act = None, {}
        for ln in act.get("say", ()):
            out(ln)
        if mode == "repro":
            out("trace of " + i)
        if do == "die":
            out("Kernel panic - not syncing: made up")
            out(" f+0x1/0x2")
            sys.exit(1)
        if do == "spin":
            out("about to spin")
            while True:
                pass
        if do == "sleep":
            time.sleep(600)
        if do == "skip":
            continue
        if do == "reboot without a result":
            msg(t="reboot")
            sys.exit(0)
        if do == "garbage":
            out('campaign: {"t":"result","id":"' + i[:7])
        elif do == "line":
            out(act["line"])
        more = {k: v for k, v in act.items() if k in ("errno", "oracle", "why", "hypothetical", "by", "reports")}
        msg(t="result", id=act.get("id", i), verdict=act.get("verdict", "propagated"), ns=1500000,
            **{"errno": -5, **more})
        done += 1
        if do == "twice":
            msg(t="result", id=i, verdict="propagated", ns=1)
        if do in ("reboot", "reboot and end"):
            msg(t="reboot")
            if "end" in do:
                msg(t="end", done=done)
            sys.exit(0)
        if do == "die after":
            sys.exit(1)
    msg(t="end", done=done + spec.get("more done", 0))
    if spec.get("stays"):
        time.sleep(600)


if __name__ == "__main__":
    fake(sys.argv[1:])
