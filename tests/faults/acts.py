"""What is done to a store while a fault strikes, and what must hold afterwards."""

import re
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from bench import ROOT, Bench, Wrong

RECORDS = 400
DISPOSED = 1_200
DELIVERY = ("--source", "HR", "--table", "person", "--key", "id")


def people(count, first=0):
    return "id,name,country\n" + "".join(f"K{at},Name {at},fr\n" for at in range(first, first + count))


def agency(bench):
    """A store with a code list and a binding."""
    bench.write("people.csv", people(RECORDS))
    bench.write("countries.csv", "code,label\nFRA,France\nKEN,Kenya\n")
    bench.write("codes.csv", "code,label\n" + "".join(f"C{at},Label {at}\n" for at in range(RECORDS)))
    bench.write("bindings.csv", "target_table,field_name,code_list\nperson,country,country\n")
    bench.ok("init")
    bench.ok("import", "codes", "countries.csv", "--list", "country")
    bench.ok("import", "bindings", "bindings.csv")


def delivered(bench):
    agency(bench)
    bench.ok("ingest", "people.csv", *DELIVERY)


def one_delivered(bench):
    agency(bench)
    bench.write("people.csv", people(1))
    bench.ok("ingest", "people.csv", *DELIVERY)


def certified(bench):
    delivered(bench)
    bench.ok("map", "HR", "country", "fr", "FRA")
    bench.ok("certify", "--filter", "is:pending")


def turned_down(bench):
    """More rows than one operation takes, with values that stand nowhere else."""
    bench.ok("init")
    bench.write("people.csv", "id,name\n" + "".join(f"K{at},{old_name(at)}\n" for at in range(DISPOSED)))
    bench.ok("ingest", "people.csv", *DELIVERY)
    bench.ok("reject", "--filter", "is:pending", "--reason", "not the source for it")


def old_name(at):
    return f"Old name no. {at} of somebody"


def backed_up(bench):
    delivered(bench)
    bench.ok("backup", "k.db")
    bench.ok("certify", "--filter", "is:pending")


def older(bench, mode="WAL"):
    db = sqlite3.connect(bench.store)
    db.executescript((ROOT / "tests/older/format3.sql").read_text())
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.close()


def older_copied(bench):
    """As some other tool copies it: not in WAL mode."""
    older(bench, "DELETE")


@dataclass
class Act:
    name: str
    prepare: Callable[[Bench], None]
    command: tuple
    # Its rows are written in one operation: all of them are there, or none is.
    at_once: bool = True
    # Asked for again after it was done it says so, and ends with this.
    again: int = 0
    # Each time that it is asked for is one of its own.
    repeats: bool = False
    digest: str = "digest"
    # Texts of which no byte is in the file, or beside it, when all is over.
    gone: tuple = ()


# What has its name only when it is whole.
COPY = re.compile(r"k\.db|s\.db\.(format|before-restore)[\d.]*")

CERTIFY_PENDING = ("certify", "--filter", "is:pending")
ACTS = [
    Act("ingest", agency, ("ingest", "people.csv", *DELIVERY), at_once=False),
    Act("certify", delivered, CERTIFY_PENDING),
    Act("certify one", one_delivered, CERTIFY_PENDING),
    Act("map", delivered, ("map", "HR", "country", "fr", "FRA"), again=1),
    # What the last operation's number is, is known when it is prepared.
    Act("undo", certified, ("undo", "LAST"), again=1),
    Act("import", agency, ("import", "codes", "codes.csv", "--list", "status")),
    Act(
        "withdraw",
        certified,
        ("withdraw", "JOB-0000001", "--reason", "the wrong file"),
        at_once=False,
        again=1,
    ),
    Act(
        "dispose",
        turned_down,
        ("dispose", "ledger", "--filter", "is:rejected", "--reason", "GRS 5.2"),
        at_once=False,
        gone=tuple(old_name(at) for at in range(0, DISPOSED, 7)),
    ),
    Act("upgrade", older, ("upgrade",)),
    Act("upgrade copied", older_copied, ("upgrade",)),
    Act("backup", delivered, ("backup", "k.db"), again=1),
    Act("restore", backed_up, ("restore", "k.db"), repeats=True, digest="k.db.digest"),
    Act("compact", certified, ("compact",)),
]
ACTS = {act.name: act for act in ACTS}


@dataclass
class Prepared:
    """A store before an act, and what is known of both states."""

    act: Act
    bench: Bench
    command: tuple
    before: dict
    after: dict
    seconds: float
    counts: dict = field(default_factory=dict)

    def copy(self, folder):
        return self.bench.copy_to(folder)

    def judge(self, bench, acknowledged):
        """What must hold after the act was cut off, or was not."""
        bench.verify(digest=self.act.digest)
        # Nothing is written to a store of an older format, and what lies beside it stays where it is.
        bench.whole(alone=self.act.command != ("upgrade",))
        facts = bench.facts()
        if acknowledged and facts != self.after:
            raise Wrong(f"it ended well, and what it did is not there: {differences(facts, self.after)}")
        self.whole_or_absent(facts)
        self.copies_are_whole(bench)
        done = facts == self.after and self.before != self.after or (bench.folder / "k.db").exists()
        self.ask_again(bench, done)
        self.leaves_one_copy(bench)
        operations = bench.operations()
        self.ask_again(bench, True)
        if not self.act.repeats and bench.operations() != operations:
            raise Wrong("asked for again, it wrote once more")
        bench.verify(digest=self.act.digest)
        bench.whole()
        bench.nothing_left()
        bench.nothing_of(self.act.gone)

    def ask_again(self, bench, done):
        ran = bench.run(*self.command)
        if ran.code not in ({0, self.act.again} if done else {0}):
            raise Wrong(f"asked for again: {ran}")
        # Where the program only reads, the file is as the last writer left it.
        facts = bench.facts()
        if facts != self.after:
            raise Wrong(f"asked for again, it is not done: {differences(facts, self.after)}")

    def whole_or_absent(self, facts):
        if self.act.at_once:
            if facts not in (self.before, self.after):
                raise Wrong(f"neither done nor undone: {differences(facts, self.after)}")
            return
        groups = {}
        for key in facts.keys() | self.before.keys() | self.after.keys():
            # A job counts as it goes.
            if key[0] != "job":
                states = [side.get(key) for side in (facts, self.before, self.after)]
                group = next(state for state in states if state)[0]
                groups.setdefault(group, []).append([state and state[1] for state in states])
        for group, states in groups.items():
            undone, done = (all(state[0] == state[side] for state in states) for side in (1, 2))
            if not undone and not done:
                raise Wrong(f"half of {group} is there: {states}")

    def leaves_one_copy(self, bench):
        """However often it was cut off and asked for again; and a backup has its digest."""
        copies = [path.name for path in bench.folder.iterdir() if path.name.startswith("s.db.format")]
        if len(copies) > 1:
            raise Wrong(f"each try left a copy: {copies}")
        if (bench.folder / "k.db").exists() and not (bench.folder / "k.db.digest").exists():
            raise Wrong("the backup has no digest")

    def copies_are_whole(self, bench):
        """Backups, and what is put aside, have their names once they are whole."""
        for path in bench.folder.iterdir():
            if COPY.fullmatch(path.name):
                copy = Bench(bench.folder)
                copy.store = path
                copy.verify(digest=self.act.digest)
                copy.whole()


def differences(facts, expected):
    keys = [key for key in facts.keys() | expected.keys() if facts.get(key) != expected.get(key)]
    some = [f"{key}: {facts.get(key)} instead of {expected.get(key)}" for key in sorted(keys, key=repr)[:3]]
    return f"{len(keys)} differ, {'; '.join(some)}"


def prepare(name, folder):
    """Prepares a store for an act, and does it once without a fault."""
    act, bench = ACTS[name], Bench(Path(folder) / "prepared")
    bench.folder.mkdir()
    act.prepare(bench)
    digest = bench.run("digest", *(["--upgraded-copy"] if act.command == ("upgrade",) else []))
    bench.write("digest", digest.out)
    last = bench.open().execute("SELECT max(seq) FROM operation").fetchone()[0]
    command = tuple(str(last) if word == "LAST" else word for word in act.command)
    before = bench.facts()
    done = bench.copy_to(Path(folder) / "done")
    begun = time.monotonic()
    done.ok(*command)
    seconds = time.monotonic() - begun
    return Prepared(act, bench, command, before, done.facts(), seconds)
