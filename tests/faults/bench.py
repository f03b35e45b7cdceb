"""A folder with a store, the commands that run in it, and what is looked at after a fault."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEWARD = Path(os.environ.get("STEWARD", ROOT / "target/debug/steward")).resolve()

# No command of the campaign takes nearly as long: what does hangs.
PATIENCE = 180

# What a command ends with where it panicked.
PANICKED = 101

# What a try's own files are called; nothing else may lie beside the store when all is over.
OURS = re.compile(r"s\.db|digest|home|trace.*|.*\.csv|k\.db(\.digest)?|s\.db\.(format\d+(\.\d+)?|before-restore(\.\d+)?(-wal)?)")

# What the rows say, by what names them: without times, numbers and GUIDs, which differ from run to run. Rows of one group
# are written together, in one operation.
FACTS = {
    "item": """SELECT external_key, external_key || '|' || ifnull(field_name, '') || '|' || attempt,
        raw_value, new_value, state, code, statecode FROM integration_sync_item""",
    "ledger": """SELECT i.external_key, i.external_key || '|' || ifnull(l.aspect_key, '') || '|' || ifnull(l.value, ''),
        l.ledger_status, l.live, l.statecode FROM integration_ledger l JOIN integration_sync_item i ON i.id = l.sync_item""",
    "current": """SELECT i.external_key, i.external_key || '|' || c.field_name, c.value FROM current_value c
        JOIN integration_ledger l ON l.id = c.ledger JOIN integration_sync_item i ON i.id = l.sync_item""",
    "identifier": "SELECT NULL, source_system_key || '|' || external_key, statecode FROM integration_identifier",
    "map": """SELECT NULL, code_list || '|' || source_code, canonical_code_value, state, statecode
        FROM integration_value_map""",
    "code": "SELECT NULL, code_list || '|' || code, label, active FROM code_list_entry",
    "binding": "SELECT NULL, target_table || '|' || ifnull(field_name, ''), code_list, active FROM code_binding",
    "job": "SELECT NULL, id, job_status, statecode, records, items FROM integration_sync_job",
}


class Wrong(Exception):
    """Something that must hold does not."""


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return f"exit code {self.code}: {(self.err + self.out).strip()[-600:]}"


class Bench:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.store = self.folder / "s.db"

    def copy_to(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True)
        return Bench(folder)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def start(self, *args, before=(), **pipes):
        """Starts a command with nothing of this machine in its environment."""
        environment = {"STEWARD_STORE": str(self.store), "HOME": str(self.folder / "home"), "TZ": "UTC"}
        environment["PATH"] = os.environ.get("PATH", "")
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | pipes
        command = [*before, str(STEWARD), *map(str, args)]
        return subprocess.Popen(command, cwd=self.folder, env=environment, **pipes)

    def run(self, *args, before=()):
        return end(self.start(*args, before=before), args)

    def ok(self, *args):
        ran = self.run(*args)
        if ran.code != 0:
            raise Wrong(f"{args}: {ran}")
        return ran

    def verify(self, *, digest="digest"):
        """The log and all that follows from it are sound, and go on from what was there before."""
        ran = self.run("verify", "--replay", "--digest", digest)
        if ran.code == 1 and "upgrade" in ran.err:
            ran = self.run("verify", "--replay", "--digest", digest, "--upgraded-copy")
        if ran.code != 0:
            raise Wrong(f"verify --replay does not find it sound: {ran}")

    def open(self):
        """The file with what lies beside it, in memory: reading a store must not write to it."""
        db = sqlite3.connect(":memory:")
        db.text_factory = lambda text: text.decode(errors="replace")
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.db"
            for suffix in ("", "-wal", "-journal"):
                if os.path.exists(f"{self.store}{suffix}"):
                    shutil.copyfile(f"{self.store}{suffix}", f"{copy}{suffix}")
            there = sqlite3.connect(copy)
            there.backup(db)
            there.close()
        return db

    def whole(self, alone=True):
        """SQLite finds the file whole, and nothing of it lies elsewhere."""
        if alone:
            self.nothing_beside("-wal", "-shm", "-journal")
        db = self.open()
        answer = db.execute("PRAGMA integrity_check").fetchall()
        db.close()
        if answer != [("ok",)]:
            raise Wrong(f"SQLite's integrity check: {answer[:5]}")

    def facts(self):
        """Each fact by table and name: the group that it is written with, and what the rows say."""
        db, out = self.open(), {}
        for table, sql in FACTS.items():
            for group, name, *said in db.execute(sql):
                # Rows without a group stand for themselves.
                key = (table, name)
                rows = out.setdefault(key, (key if group is None else group, []))[1]
                rows.append(tuple(said))
        db.close()
        return {key: (group, tuple(sorted(rows, key=repr))) for key, (group, rows) in out.items()}

    def operations(self):
        """How many operations there are; refusals are logged, and change nothing."""
        db = self.open()
        (count,) = db.execute("SELECT count(*) FROM operation WHERE kind <> 'refused'").fetchone()
        db.close()
        return count

    def nothing_beside(self, *suffixes):
        left = [self.store.name + suffix for suffix in suffixes if Path(f"{self.store}{suffix}").exists()]
        if left:
            raise Wrong(f"beside the store lies {left}")

    def nothing_of(self, texts):
        """No byte of some texts is in the file, or in what lies beside it."""
        for suffix in ("", "-wal", "-shm"):
            path = Path(f"{self.store}{suffix}")
            raw = path.read_bytes() if path.exists() else b""
            there = [text for text in texts if text.encode() in raw]
            if there:
                raise Wrong(f"{len(there)} of {len(texts)} disposed texts are in {path.name}: {there[:3]}")

    def nothing_left(self):
        left = sorted(name for name in os.listdir(self.folder) if not OURS.fullmatch(name))
        if left:
            raise Wrong(f"left behind: {left}")


def end(process, args):
    """Waits for a command and answers how it ended."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Wrong(f"{args} does not end") from None
    ran = Ran(process.returncode, text(out), text(err))
    if ran.code == PANICKED or "panicked at" in ran.err:
        raise Wrong(f"{args} panicked: {ran}")
    return ran


def text(raw):
    return (raw or b"").decode(errors="replace")
