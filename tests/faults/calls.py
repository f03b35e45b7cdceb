"""Calls of the operating system that fail: strace has the k-th one answer with an error, or kills the program there."""

import shutil
import subprocess

from bench import Wrong

# Which calls count, what is done to them, and whether it stays so: a full disk is full for the next one, too.
CALLS = {"write": "pwrite64", "sync": "fsync,fdatasync", "removal": "unlink,ftruncate"}
FAULTS = {"EIO": "error=EIO:when={}", "ENOSPC": "error=ENOSPC:when={}+", "kill": "signal=KILL:when={}"}


def there():
    """Whether strace is there and may trace."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def count(prepared, folder):
    """How often each kind of call is made, by the thread that makes the most: strace counts each thread's alone."""
    bench = prepared.copy(folder)
    trace = bench.folder / "trace"
    names = ",".join(CALLS.values())
    bench.run(*prepared.command, before=("strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={names}"))
    counts = {}
    for line in trace.read_text(errors="replace").splitlines():
        thread, call, *_ = line.split(maxsplit=1)
        for kind, names in CALLS.items():
            if call.split("(")[0] in names.split(","):
                counts[kind, thread] = counts.get((kind, thread), 0) + 1
    return {kind: max((n for (of, _), n in counts.items() if of == kind), default=0) for kind in CALLS}


def cases(prepared):
    """Every k-th call of each kind with each fault."""
    return [(kind, fault, k + 1) for kind, n in prepared.counts.items() for k in range(n) for fault in FAULTS]


def failed(prepared, case, folder):
    kind, fault, k = case
    bench = prepared.copy(folder)
    inject = f"inject={CALLS[kind]}:{FAULTS[fault].format(k)}"
    names = CALLS[kind]
    before = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={names}", "-e", inject)
    ran = bench.run(*prepared.command, before=before)
    if "nothing was changed" in ran.err.lower() and bench.facts() != prepared.before:
        raise Wrong(f"it said that nothing was changed, and something was: {ran}")
    prepared.judge(bench, ran.code == 0)
