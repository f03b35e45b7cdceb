"""What happens to a store's file past the program: a -wal that is left, two names, another name while it is open."""

import os
import shutil
import signal
import subprocess
import time

from acts import CERTIFY_PENDING, agency, people, DELIVERY
from bench import STEWARD, Bench, Wrong

# Certify all that waits: the ledger, whose view is what is pending, all of it, and the second answer, which does it.
CERTIFY_LINES = b"ledger\nC\n2\nq\n"

# A workbench says within two seconds that its file is gone; a slow machine gets some more.
SAYS_SO = 10


def prepared(folder):
    """A store with a backup of it, and some entries that wait."""
    bench = Bench(folder / "prepared")
    bench.folder.mkdir()
    agency(bench)
    bench.write("people.csv", people(40))
    bench.ok("ingest", "people.csv", *DELIVERY)
    bench.ok("backup", "k.db")
    bench.write("digest", bench.ok("digest").out)
    return bench


def prepared_for_lines(folder):
    """The same, once it is known that the lines do what they should where nothing is wrong."""
    bench = prepared(folder)
    tried = bench.copy_to(folder / "tried")
    workbench(tried).communicate(CERTIFY_LINES, timeout=60)
    expect_certified(tried, 40)
    return bench


def workbench(bench):
    """A workbench as lines that has the store open."""
    process = bench.start("--plain", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    begun = time.monotonic()
    while not os.path.exists(f"{bench.store}-shm"):
        if process.poll() is not None or time.monotonic() - begun > SAYS_SO:
            raise Wrong("the workbench does not open the store")
        time.sleep(0.02)
    # It has the files once it has read.
    time.sleep(0.3)
    return process


def killed(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def with_a_log_left(bench):
    """Acknowledges something that lies in the -wal alone, since a workbench is there that is then killed."""
    process = workbench(bench)
    bench.ok(*CERTIFY_PENDING)
    killed(process)
    if not os.path.getsize(f"{bench.store}-wal"):
        raise Wrong("no -wal was left; the test tests nothing")


def certified(bench):
    return sum(row[1][0][0] == 166840001 for key, row in bench.facts().items() if key[0] == "ledger")


def expect_certified(bench, expected):
    found = certified(bench)
    if found != expected:
        raise Wrong(f"{found} entries are certified instead of {expected}")


def restored_over_a_log(prepared, rng, folder):
    """`restore` over a -wal that a kill left: the backup's state, and what was there lies aside, whole."""
    bench = prepared.copy_to(folder)
    with_a_log_left(bench)
    bench.ok("restore", "k.db")
    bench.verify()
    bench.whole()
    expect_certified(bench, 0)
    former = Bench(folder)
    former.store = folder / "s.db.before-restore"
    former.verify()
    former.whole()
    expect_certified(former, 40)
    bench.nothing_left()


def copied_over_a_log(prepared, rng, folder):
    """A backup that is copied over the file by hand, beside the -wal of a former one: it is found, or did no harm."""
    bench = prepared.copy_to(folder)
    with_a_log_left(bench)
    shutil.copyfile(folder / "k.db", bench.store)
    ran = bench.run("verify", "--replay", "--digest", "digest")
    if ran.code == 0:
        bench.whole()
        if certified(bench) not in (0, 40):
            raise Wrong(f"a mixture of both is called sound: {certified(bench)} are certified")
    # Whatever it is, the command mends it.
    bench.ok("restore", "k.db")
    bench.verify()
    bench.whole()
    expect_certified(bench, 0)


def two_names(prepared, rng, folder):
    """Under two names nothing is written, and all can be read; with one again, all is there."""
    bench = prepared.copy_to(folder)
    other = Bench(folder)
    other.store = folder / "k2.csv"
    acknowledged = rng.random() < 0.5
    if acknowledged:
        with_a_log_left(bench)
    os.link(bench.store, other.store)
    for name in (bench, other):
        if name.run(*CERTIFY_PENDING).code != 1 or name.run("undo").code != 1:
            raise Wrong(f"it is written to under two names, by {name.store.name}")
        name.ok("list", "ledger")
    os.remove(other.store)
    for leftover in ("-wal", "-shm"):
        if os.path.exists(f"{other.store}{leftover}"):
            raise Wrong(f"beside the other name lies a {leftover}")
    bench.verify()
    bench.whole()
    expect_certified(bench, 40 if acknowledged else 0)
    bench.ok(*CERTIFY_PENDING)
    bench.verify()
    expect_certified(bench, 40)
    bench.nothing_left()


def no_mounts():
    """Why nothing can be mounted, if so."""
    command = ["unshare", "--mount", "--propagation", "private", "mount", "--bind", __file__, __file__]
    tried = subprocess.run(command, capture_output=True, check=False)
    return None if tried.returncode == 0 else "nothing can be mounted in a namespace of its own"


def two_mounts(prepared, rng, folder):
    """A file that is mounted under a second name: whoever comes second reads, writes nothing, and is told; what was
    acknowledged under either name is there."""
    bench = prepared.copy_to(folder)
    bench.write("k2.csv", "")
    first = workbench(bench)
    script = 'mount --bind s.db k2.csv || exit 99; for args in "$@"; do "$STEWARD" --store k2.csv $args; echo "= $?"; done'
    inside = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script.replace("$STEWARD", str(STEWARD)), "sh"]

    def mounted(*commands):
        environment = {"HOME": str(bench.folder / "home"), "PATH": os.environ.get("PATH", "")}
        ran = subprocess.run(
            [*inside, *commands], cwd=bench.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        return ran.stdout, ran.stderr

    time.sleep(rng.uniform(0, 0.5))
    if rng.random() < 0.5:
        bench.ok(*CERTIFY_PENDING)
    before = certified(bench)
    out, err = mounted("list ledger --json", "certify --filter is:pending", "undo")
    if [line for line in out.splitlines() if line.startswith("=")] != ["= 0", "= 1", "= 1"]:
        raise Wrong(f"under a second mount: {out[-300:]} {err}")
    if err.count("open under another name") != 3:
        raise Wrong(f"it is not told that the file is open under another name: {err}")
    expect_certified(bench, before)
    if rng.random() < 0.5:
        killed(first)
    else:
        first.communicate(b"q\n", timeout=60)
        out, err = mounted("certify --filter is:pending")
        if "= 0" not in out.splitlines() and before == 0:
            raise Wrong(f"nobody is there by the first name, and it is not written to: {err}")
        expect_certified(bench, 40)
    for leftover in ("-wal", "-shm"):
        if os.path.exists(f"{bench.folder}/k2.csv{leftover}"):
            raise Wrong(f"beside the other name lies a {leftover}")
    bench.ok(*CERTIFY_PENDING)
    bench.verify()
    bench.whole()
    expect_certified(bench, 40)
    bench.nothing_left()


def renamed(bench):
    os.rename(bench.store, bench.folder / "renamed.csv")
    return bench.folder / "renamed.csv"


def replaced(bench):
    moved = renamed(bench)
    shutil.copyfile(bench.folder / "k.db", bench.store)
    return moved


def removed(bench):
    """Another name keeps what the file held."""
    os.link(bench.store, bench.folder / "renamed.csv")
    os.remove(bench.store)
    return bench.folder / "renamed.csv"


def open_and_gone(prepared, rng, folder):
    """A store that is renamed, replaced or removed while a workbench has it open: that one says so and writes nothing."""
    bench = prepared.copy_to(folder)
    process = workbench(bench)
    moved = rng.choice([renamed, replaced, removed])(bench)
    time.sleep(rng.uniform(0, 3))
    try:
        out, _ = process.communicate(CERTIFY_LINES, timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Wrong("the workbench does not end") from None
    said = out.decode(errors="replace")
    if not any(word in said for word in ("renamed", "removed", "replaced", "no longer", "gone")):
        raise Wrong(f"the workbench does not say that its file is gone: {said[-400:]}")
    for path in (moved, bench.store):
        if path.exists():
            there = Bench(folder)
            there.store = path
            # What lay beside the former name is none of the one that is there now, and of the moved one it is empty.
            there.verify()
            expect_certified(there, 0)
