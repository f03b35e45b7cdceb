"""Power cuts, rebuilt from the writes that strace recorded: what was synced is there, of the rest what chance leaves.

A power cut takes what the operating system had not written yet: of each file any of the writes since its last sync, in
sectors; of a folder the names made and removed since its own last sync, the later ones first. The -shm is shared memory: of it
anything may be left.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass, field

import acts
from bench import Bench, Wrong
from names import workbench

CALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat2,openat,copy_file_range,fallocate"
SECTOR = 512
# A call as strace writes it, whole or taken up again after another thread's line: its name, arguments and answer.
CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)")
CUT_OFF = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
TAKEN_UP = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)$")
OF_FILE = re.compile(r'\d+<([^>]*)>(?:, "((?:\\x[0-9a-f]{2})*)"(?:, (\d+)(?:, (\d+))?)?)?(?:, (\d+))?')
NAMED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass
class File:
    """What of a file is on the disk, and what the operating system was given since."""

    durable: bytearray = field(default_factory=bytearray)
    since: list = field(default_factory=list)

    def copy(self):
        return File(bytearray(self.durable), list(self.since))

    def sync(self):
        for change in self.since:
            change(self.durable)
        self.since = []

    def after_the_cut(self, rng, kept):
        image = bytearray(self.durable)
        for change in self.since:
            if kept == "all" or kept == "some" and rng.random() < 0.5:
                change(image)
            elif kept == "sectors":
                change(image, lambda: rng.random() < 0.5)
        return image


def put(image, offset, data):
    image.extend(bytes(max(0, offset + len(data) - len(image))))
    image[offset : offset + len(data)] = data


def writing(offset, data):
    def change(image, chance=None):
        if chance is None:
            return put(image, offset, data)
        at = 0
        while at < len(data):
            end = min(len(data), at + SECTOR - (offset + at) % SECTOR)
            if chance():
                put(image, offset + at, data[at:end])
            at = end

    return change


def cutting(length):
    def change(image, chance=None):
        if chance is None or chance():
            del image[length:]
            image.extend(bytes(length - len(image)))

    return change


class Disk:
    """A folder's files, with what a power cut would leave of them."""

    def __init__(self, folder):
        self.files = {path.name: File(bytearray(path.read_bytes())) for path in folder.iterdir() if is_store(path.name)}
        # Names made and removed since the folder was synced: (name, file or none).
        self.named = []
        self.durable_names = dict(self.files)

    def take(self, event):
        kind, name, *rest = event
        if kind == "create" and name not in self.files:
            self.files[name] = File()
            self.named.append((name, self.files[name]))
        elif kind == "write":
            self.files[name].since.append(writing(*rest))
        elif kind == "cut":
            self.files[name].since.append(cutting(*rest))
        elif kind == "sync" and name in self.files:
            self.files[name].sync()
        elif kind == "remove" and self.files.pop(name, None):
            self.named.append((name, None))
        elif kind == "folder synced":
            self.durable_names, self.named = dict(self.files), []

    def after_the_cut(self, rng, kept):
        names = dict(self.durable_names)
        done = {"none": 0, "all": len(self.named)}.get(kept)
        done = rng.randint(0, len(self.named)) if done is None else done
        for name, file in self.named[:done]:
            names[name] = file
        return {name: file.after_the_cut(rng, kept) for name, file in names.items() if file is not None}


@dataclass
class Recorded:
    """An act, the disk before it, and what was written until it was acknowledged and over."""

    prepared: acts.Prepared
    folder: object
    events: list
    # Up to here nobody was told that it is done.
    acknowledged: int

    def disk(self, events, upto):
        disk = Disk(self.folder)
        for event in events[:upto]:
            disk.take(event)
        return disk


def is_store(name):
    return name == "s.db" or name.startswith("s.db-") and name != "s.db-shm"


def recorded(name, folder, open_elsewhere):
    """Records an act, with a workbench that has the store open, so that the last one out is another, or alone."""
    prepared = acts.prepare(name, folder)
    bench = prepared.copy(folder / "recorded")
    held = workbench(bench) if open_elsewhere else None
    before = folder / "before"
    shutil.copytree(bench.folder, before)
    trace = folder / "trace"
    strace = ("strace", "-f", "-y", "-xx", "-s", "10000000", "-o", str(trace), "-e", f"trace={CALLS}")
    try:
        ran = bench.run(*prepared.command, before=strace)
    finally:
        if held:
            held.kill()
            held.communicate()
    if ran.code != 0:
        raise Wrong(f"while it was recorded: {ran}")
    events, acknowledged = read(trace, str(bench.folder))
    rec = Recorded(prepared, before, events, acknowledged)
    as_it_was(rec, bench)
    # What erases writes the -wal back itself, before it says that it is done.
    if open_elsewhere and not prepared.act.gone:
        finds_a_missing_sync(rec, folder)
    return rec


def as_it_was(rec, bench):
    """What was recorded makes the files that the act left, or else the recording says nothing."""
    disk = rec.disk(rec.events, None)
    for name, image in disk.after_the_cut(None, "all").items():
        path = bench.folder / name
        if not path.exists() or path.read_bytes() != image:
            raise Wrong(f"the recorded writes do not make {name}; the test tests nothing")


def finds_a_missing_sync(rec, folder):
    """As with `synchronous = NORMAL`, whose commits do not sync the -wal: what was acknowledged is lost, and that is seen."""
    without = [event for event in rec.events[: rec.acknowledged] if event[:2] != ("sync", "s.db-wal")]
    disk = rec.disk(without, None)
    bench = rebuilt(rec, disk.after_the_cut(None, "none"), folder / "unsynced")
    if bench.facts() == rec.prepared.after:
        raise Wrong("without the syncs of the -wal all is there; the test would not find one that is missing")


def rebuilt(rec, files, folder, shm=None):
    bench = rec.prepared.copy(folder)
    for path in folder.iterdir():
        if path.name.startswith("s.db"):
            path.unlink()
    for name, image in files.items():
        (folder / name).write_bytes(image)
    if shm is not None:
        (folder / "s.db-shm").write_bytes(shm)
    return bench


def cut(both, rng, folder):
    """Cuts the power at a random moment and looks at what is there."""
    rec = rng.choice(both)
    upto = rng.randint(0, len(rec.events))
    kept = rng.choice(["none", "all", "some", "sectors"])
    files = rec.disk(rec.events, upto).after_the_cut(rng, kept)
    shm = rng.choice([None, rng.randbytes(32_768), bytes(32_768)])
    bench = rebuilt(rec, files, folder, shm)
    rec.prepared.judge(bench, upto >= rec.acknowledged)


def prepared(name, folder):
    out = []
    for kind, open_elsewhere in (("alone", False), ("with another", True)):
        place = folder / kind.replace(" ", "-")
        place.mkdir()
        out.append(recorded(name, place, open_elsewhere))
    return out


def read(trace, folder):
    """What a trace says of the store's files, and how much of it came before the command wrote its answer."""
    events, acknowledged, unfinished = [], None, {}
    for line in trace.read_text().splitlines():
        if begun := CUT_OFF.match(line):
            unfinished[begun[1]] = f"{begun[1]} {begun[2]}({begun[3]}"
            continue
        if rest := TAKEN_UP.match(line):
            line = unfinished.pop(rest[1], "") + rest[2]
        call = CALL.match(line)
        if call is None or int(call[3]) < 0:
            continue
        if call[1] == "write" and call[2].startswith("1<"):
            acknowledged = len(events) if acknowledged is None else acknowledged
        event = event_of(call[1], call[2], folder)
        if event:
            events.append(event)
    return events, len(events) if acknowledged is None else acknowledged


def event_of(call, said, folder):
    if call in ("openat", "unlink", "unlinkat", "rename", "renameat2"):
        paths = [unhex(name).decode() for name in NAMED.findall(said)]
        ours = [path.rsplit("/", 1)[-1] for path in paths if path.startswith(folder)]
        if not any(map(is_store, ours)):
            return None
        if call.startswith("rename"):
            raise Wrong(f"what a power cut leaves of a rename is not known to the test: {paths}")
        if call == "openat":
            return ("create", ours[0]) if "O_CREAT" in said else None
        return ("remove", ours[0])
    file = OF_FILE.match(said)
    if file is None:
        return None
    path = unhex(file[1]).decode() if "\\x" in file[1] else file[1]
    name = path.rsplit("/", 1)[-1]
    if path == folder and call in ("fsync", "fdatasync"):
        return ("folder synced", name)
    if not path.startswith(folder + "/") or not is_store(name):
        return None
    if call == "pwrite64":
        data = unhex(file[2])
        if len(data) != int(file[3]):
            raise Wrong("strace cut a write off; the test tests nothing")
        return ("write", name, int(file[4]), data)
    if call == "ftruncate":
        return ("cut", name, int(file[5]))
    if call in ("fsync", "fdatasync"):
        return ("sync", name)
    raise Wrong(f"what a power cut leaves of {call} to {name} is not known to the test")


def unhex(said):
    return bytes.fromhex(said.replace("\\x", ""))
