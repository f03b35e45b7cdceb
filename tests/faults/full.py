"""Full disks: a place is put on a small file system of its own, which is mounted where no other program sees it.

    unshare --mount --propagation private python3 full.py PLACE KIB FOLDER

is one try: with so many KiB left the act is asked for, and once more when there is room again.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import acts
from bench import Bench, Ran, Wrong

ROOM = "32m"
SAYS_SO = ("full", "no room", "no space")


@dataclass
class Place:
    # The state that is prepared, and what is asked for.
    act: str
    command: tuple
    # How many KiB are drawn from, about what it takes.
    takes: int
    # What lies on the small disk: the store, or what a variable of the environment names.
    holds: str = "store"
    # It cannot be done on a full disk; else it may do without.
    needs: bool = True


PLACES = {
    "the store, ingesting": Place("ingest", acts.ACTS["ingest"].command, 900),
    "the store, certifying": Place("certify", acts.CERTIFY_PENDING, 900),
    "the store, upgrading": Place("upgrade", ("upgrade",), 900),
    "a backup": Place("certify", ("backup", "disk/k.db"), 900, "out"),
    "an export": Place("certify", ("list", "ledger", "--csv"), 60, "out"),
    "the temporary folder": Place("upgrade", ("digest", "--upgraded-copy"), 900, "TMPDIR"),
    "the home folder": Place("certify", acts.CERTIFY_PENDING, 4, "HOME", needs=False),
}


def prepared(folder):
    states = {place.act for place in PLACES.values()}
    out = {}
    for act in sorted(states):
        (folder / act).mkdir()
        out[act] = acts.prepare(act, folder / act)
    return out


def full(states, rng, folder):
    name = rng.choice(sorted(PLACES))
    place = PLACES[name]
    state = states[place.act]
    left = rng.choice([0, rng.randint(0, place.takes), rng.randint(0, place.takes)])
    state.copy(folder)
    script = [sys.executable, "-B", __file__, name, str(left), str(folder)]
    inside = ["unshare", "--mount", "--propagation", "private", *script]
    ran = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=300)
    if ran.returncode != 0:
        raise Wrong(f"{name}, {left} KiB left: {(ran.stderr or ran.stdout).strip()[-900:]}")
    said = json.loads(ran.stdout)
    bench = Bench(folder / "after" if place.holds == "store" else folder)
    bench.verify(digest=folder / "digest")
    bench.whole()
    changes = place.command == state.act.command
    if changes and bench.facts() != state.after:
        raise Wrong(f"{name}, {left} KiB left: with room again it is not done; at first: {said}")


def attempt(place, left, folder):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "steward-faults", str(disk)], check=True)
    bench = Bench(folder)
    if place.holds == "store":
        for path in [path for path in folder.iterdir() if path.is_file()]:
            shutil.move(path, disk)
        bench = Bench(disk)
    fill(disk, left)
    there = names(disk)
    first = asked(bench, place, disk)
    if first.code != 0:
        if not place.needs:
            raise Wrong(f"it may do without, and does not: {first}")
        if not any(words in first.err.lower() for words in SAYS_SO):
            raise Wrong(f"it does not say that the disk is full: {first}")
        if left_over := {name for name in names(disk) - there if place.holds != "out" or name != "out.csv"}:
            raise Wrong(f"on the full disk it left {left_over}: {first}")
    (disk / "fill").unlink()
    again = asked(bench, place, disk)
    # What was done already may say so.
    if again.code != 0 and first.code != 0:
        raise Wrong(f"with room again: {again}; on the full disk: {first}")
    if place.holds == "store":
        shutil.copytree(disk, folder / "after")
        shutil.move(folder / "after/digest", folder / "digest")
    return {"first": str(first), "again": str(again)}


def names(disk):
    return {path.name for path in disk.iterdir() if not path.name.startswith("s.db-")}


def fill(disk, left):
    """Leaves so many KiB."""
    block = bytes(1024)
    with open(disk / "fill", "wb", buffering=0) as file:
        try:
            while True:
                file.write(block * 64)
        except OSError:
            pass
        free = shutil.disk_usage(disk).free
        file.truncate(max(0, file.tell() - max(0, left * 1024 - free)))


def asked(bench, place, disk):
    before = ("env", f"{place.holds}={disk}") if place.holds.isupper() else ()
    if place.command[0] != "list":
        return bench.run(*place.command, before=before)
    with open(disk / "out.csv", "wb") as out:
        process = bench.start(*place.command, stdout=out)
        _, err = process.communicate(timeout=60)
    return Ran(process.returncode, "", err.decode(errors="replace"))


if __name__ == "__main__":
    try:
        print(json.dumps(attempt(PLACES[sys.argv[1]], int(sys.argv[2]), Path(sys.argv[3]))))
    except Wrong as wrong:
        sys.exit(str(wrong))
