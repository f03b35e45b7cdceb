#!/usr/bin/env python3
"""Checks a steward store, or a proof of one row, without steward.

    verify.py STORE [--digest FILE]
    verify.py --proof FILE --digest FILE

Written from the section "Format" of src/store/log.rs alone, on Python's standard library alone. It checks the chain of
operations, the rows_hash of each, that none is missing, that no row stands in no operation, and that names, last words,
clocks and what else is kept beside the log are as the last operation left them. It does not check what can be computed
from the rows (values in force, counters): steward verify does.

Prints one line. Exit codes: 0 sound, 10 tampered, 11 older than the digest, 12 forked from it, 13 unreadable.
"""

import argparse
import hashlib
import json
import sqlite3
import struct
import sys
from pathlib import Path

PLATFORM = "statecode statuscode created_on created_by owner"

# The covered columns of each table, in their order.
COLUMNS = {
    "setting": "key value",
    "system_user": "login full_name roles active",
    "code_list_entry": "code_list code label active",
    "code_binding": "target_table field_name source_system_key code_list on_unmapped on_blank on_no_match "
    "on_unknown_key fixed_value outbound active",
    "legal_hold": "target_table target_id rows_of filter integration_sync_job reason set_by set_on active",
    "integration_value_map": "guid map_id canonical_code_value code_list confidence source_code source_label "
    "source_system_key state relationship justification machine_score author reviewer note normal_code "
    "preferred " + PLATFORM,
    "integration_commit_policy": "guid policy_id authoritative_sources auto_certify commit_mode field_name "
    "stale_after_days target_table " + PLATFORM,
    "integration_identifier": "guid identifier_id external_key first_seen_date_time source_system_key target_id "
    "target_table " + PLATFORM,
    "integration_sync_job": "guid direction entity_type source_system_key submitted_date_time target_table key_column "
    "delivery_id delivery_sha256 file_name " + PLATFORM,
    "integration_sync_item": "guid applied_date_time field_name integration_sync_job new_value process_message "
    "target_id target_table external_key source_system_key raw_value old_value source_date_time sequence state code "
    "attempt parent_item value_map commit_policy ledger acknowledged_on " + PLATFORM,
    "integration_ledger": "guid aspect_key certified_by certified_date_time ledger_aspect ledger_status notes "
    "source_system_key target_id target_table value sync_item supersedes displaced_by live pinned rank reason "
    "source_date_time sequence " + PLATFORM,
}
COLUMNS = {table: columns.split() for table, columns in COLUMNS.items()}

# Columns that came later, which a leaf holds only where one of them is set. Stores of older formats lack them.
ADDED = {"code_binding": ["on_empty"], "integration_sync_job": ["process_message"]}

OPERATION = (
    "seq op_id kind at actor role on_behalf_of host program_version summary reason undoes rows_created rows_changed "
    "rows_hash"
).split()
BLOBS = {"op_id", "rows_hash", "prev_hash", "hash", "touched", "kept"}

# What is kept beside the log: the columns of each table's elements, and which rows are any.
KEPT = {
    "vocabulary": ("kind folded spelling", "1"),
    "field_set": ("id fields", "1"),
    "binding_change": ("binding changed_on", "1"),
    "last_word": ("identifier field said job sequence closed", "1"),
    "last_repeat": ("identifier fields job", "1"),
    "integration_sync_job": (
        "id records finished_on unchanged",
        "NOT (records = 0 AND finished_on IS NULL AND unchanged = 0)",
    ),
    "integration_identifier": ("id last_seen_date_time", "last_seen_date_time IS NOT first_seen_date_time"),
    "current_value": (
        "target_table target_id field_name confirmed_on counted_from stale_on",
        "NOT (stale_on IS NULL AND confirmed_on = counted_from AND counted_from IS "
        "(SELECT created_on FROM integration_ledger AS l WHERE l.id = current_value.ledger))",
    ),
}


TOUCHED = "steward-touched-1"


class Text(bytes):
    """A TEXT value as its bytes, so that nothing is decoded on the way, and it is not taken for a BLOB."""


class Tampered(Exception):
    pass


def canonical(tag, values):
    out = [field(Text(tag.encode()))]
    out.extend(field(value) for value in values)
    return b"".join(out)


def field(value):
    if value is None:
        return b"N"
    if isinstance(value, int):
        return b"I" + value.to_bytes(8, "big", signed=True)
    kind = b"T" if isinstance(value, Text) else b"B"
    return kind + len(value).to_bytes(4, "big") + value


def row_leaf(table, id_, row):
    """The leaf of a row as it was made: its covered columns, and the added ones where any of them is set."""
    values = [Text(table.encode()), id_] + [row[name] for name in COLUMNS[table]]
    added = [row[name] for name in ADDED.get(table, [])]
    if all(value is None for value in added):
        return leaf(canonical("steward-row-1", values))
    return leaf(canonical("steward-row-2", values + added))


def leaf(content):
    return hashlib.sha256(b"\x00" + content).digest()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves):
    """The Merkle tree hash of RFC 6962, level by level: a node without a right neighbour moves up as it is."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = leaves
    while len(level) > 1:
        pairs = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def root_by(path, hash_of_leaf, index, size):
    """The root that an audit path leads to (RFC 9162, section 2.1.3.2), or None where its length does not fit."""
    at, last, out = index, size - 1, hash_of_leaf
    for sibling in path:
        if last == 0:
            return None
        if at % 2 == 1 or at == last:
            out = node(sibling, out)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            out = node(out, sibling)
        at, last = at // 2, last // 2
    return out if last == 0 else None


def operation_hash(store_id, operation):
    fields = [operation["prev_hash"], store_id] + [operation[name] for name in OPERATION]
    if operation.get("kept") is None:
        return leaf(canonical("steward-operation-1", fields))
    return leaf(canonical("steward-operation-2", fields + [operation["touched"], operation["kept"]]))


def image(text):
    """The columns of a change, as the database would hold them; None where it is no such object."""
    try:
        columns = json.loads(text)
        return {name: Text(v.encode()) if isinstance(v, str) else v for name, v in columns.items()}
    except (ValueError, AttributeError):
        return None


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(Path(path).absolute().as_uri() + "?mode=ro", uri=True)
        self.db.text_factory = Text
        self.db.execute("BEGIN")
        (self.store_id,) = self.db.execute("SELECT value FROM setting WHERE key = 'store_id'").fetchone()
        self.tables = {name.decode() for (name,) in self.db.execute("SELECT name FROM sqlite_schema")}
        self.bad = []
        self.next_ids = {}
        self.changes = self.disposals = 0

    def images(self, table, where, values):
        """The id of each row, and its covered and added columns."""
        wanted = COLUMNS[table] + ADDED.get(table, [])
        there = {name.decode() for (name,) in self.db.execute("SELECT name FROM pragma_table_info(?)", [table])}
        names = [name for name in wanted if name in there]
        for id_, *row in self.db.execute(f"SELECT id, {', '.join(names)} FROM {table} WHERE {where}", values):
            yield id_, dict.fromkeys(wanted) | dict(zip(names, row))

    def find(self, seq, problem):
        self.bad.append((seq, problem))

    def operations(self):
        there = {name.decode() for (name,) in self.db.execute("SELECT name FROM pragma_table_info('operation')")}
        added = ["touched", "kept"]
        names = OPERATION + ["prev_hash", "hash"] + [name for name in added if name in there]
        for row in self.db.execute(f"SELECT {', '.join(names)} FROM operation ORDER BY seq"):
            yield dict.fromkeys(added) | dict(zip(names, row))

    def check(self):
        """Answers the last operation's number; what is wrong is in self.bad."""
        expected, prev_hash, kept = 1, bytes(32), None
        for operation in self.operations():
            seq = operation["seq"]
            if seq != expected:
                self.find(expected, "it is missing")
            expected = seq + 1
            if operation["prev_hash"] != prev_hash:
                self.find(seq, "it does not follow the one before it")
            if operation_hash(self.store_id, operation) != operation["hash"]:
                self.find(seq, "it was changed")
            if root(self.leaves(operation)) != operation["rows_hash"]:
                self.find(seq, "its rows are not what it wrote")
            if (operation["kept"] is None) != (operation["touched"] is None) or kept and not operation["kept"]:
                self.find(seq, "it does not vouch for what is kept")
            elif operation["kept"] and self.touched(seq) != operation["touched"]:
                self.find(seq, "it names other rows than it changed")
            prev_hash, kept = operation["hash"], operation["kept"]
        self.rows_besides(expected)
        if kept and kept != self.kept():
            self.find(None, "what is kept beside the log is not what the last operation left")
        return expected - 1

    def leaves(self, operation):
        seq = operation["seq"]
        out = []
        try:
            ranges = [(table, int(first), int(last)) for table, first, last in json.loads(operation["rows_created"])]
        except ValueError:
            ranges = []
        for table, first, last in ranges:
            if table not in COLUMNS:
                self.find(seq, "it names a table that is not logged")
                continue
            if first != self.next_ids.get(table, 1):
                self.find(seq, "its rows do not follow the ones before them")
            self.next_ids[table] = last + 1
            out.extend(self.created(seq, table, first, last))
        changes = list(self.changed("c.seq = ? ORDER BY c.ordinal", [seq]))
        self.changes += len(changes)
        if len(changes) != operation["rows_changed"]:
            self.find(seq, "some of its changes are missing")
        out.extend(change["leaf"] for change in changes)
        out.extend(self.disposal(seq, *row) for row in self.disposals_of(seq))
        return out

    def changed(self, where, values):
        """Changes with their leaves; that of one whose values were disposed of is taken as given."""
        for row in self.db.execute(
            "SELECT c.table_name, c.row_id, c.row_version, c.before, c.after, k.leaf, c.seq, c.ordinal "
            "FROM operation_change AS c "
            "LEFT JOIN disposed_change AS k ON k.seq = c.seq AND k.ordinal = c.ordinal AND EXISTS (SELECT 1 "
            "FROM disposed AS d WHERE d.table_name = c.table_name AND d.row_id = c.row_id AND d.seq >= c.seq) "
            f"WHERE {where}",
            values,
        ):
            _, _, _, before, after, kept, seq, ordinal = row
            hash_of_leaf = kept or leaf(canonical("steward-change-1", row[:5]))
            yield dict(seq=seq, ordinal=ordinal, leaf=hash_of_leaf, before=before, after=after)

    def disposals_of(self, seq):
        """The disposals of an operation; of one whose row was disposed of again the leaf is taken as given."""
        kept = "NULL"
        if "disposed_earlier" in self.tables:
            kept = (
                "(SELECT k.leaf FROM disposed_earlier AS k WHERE k.seq = d.seq AND k.ordinal = d.ordinal AND EXISTS "
                "(SELECT 1 FROM disposed AS l WHERE l.table_name = d.table_name AND l.row_id = d.row_id "
                "AND (l.seq, l.ordinal) > (d.seq, d.ordinal)))"
            )
        query = f"SELECT table_name, row_id, leaf, {kept} FROM disposed AS d WHERE seq = ? ORDER BY ordinal"
        return self.db.execute(query, [seq]).fetchall()

    def disposal(self, seq, table, id_, made, kept):
        """The leaf of what a disposal left of a row."""
        self.disposals += 1
        if kept is not None:
            return kept
        columns = COLUMNS[table.decode()]
        ((_, row),) = self.images(table.decode(), "id = ?", [id_])
        left = self.as_left(table.decode(), id_, row, seq)
        content = [table, id_, made] + [left[name] for name in columns]
        where = "c.table_name = ? AND c.row_id = ? AND c.seq <= ? ORDER BY c.seq, c.ordinal"
        for change in self.changed(where, [table.decode(), id_, seq]):
            content.extend(change[name] for name in ("seq", "ordinal", "leaf", "before", "after"))
        return leaf(canonical("steward-disposal-1", content))

    def created(self, seq, table, first, last):
        kept = dict(self.db.execute("SELECT row_id, leaf FROM disposed WHERE table_name = ?", [table]))
        expected = first
        for id_, row in self.images(table, "id BETWEEN ? AND ? ORDER BY id", [first, last]):
            if id_ != expected:
                self.find(seq, "a row of it is missing")
            expected = id_ + 1
            if id_ in kept:
                yield kept[id_]
                continue
            yield row_leaf(table, id_, self.as_left(table, id_, row, 0))
        if expected != last + 1:
            self.find(seq, "a row of it is missing")

    def as_left(self, table, id_, row, until):
        """Takes a row back through its changes after an operation, the newest first; after 0 it is as it was made."""
        changes = self.db.execute(
            "SELECT seq, before, after FROM operation_change WHERE table_name = ? AND row_id = ? AND seq > ? "
            "ORDER BY seq DESC, ordinal DESC",
            [table, id_, until],
        )
        for seq, before, after in changes:
            before, after = image(before), image(after)
            if after is None or any(name not in row or row[name] != value for name, value in after.items()):
                self.find(seq, "a row is not as it left it")
            row.update((name, value) for name, value in (before or {}).items() if name in row)
        return row

    def touched(self, seq):
        """The root over the rows that an operation changed."""
        rows = {}
        for table, id_, version in self.db.execute(
            "SELECT table_name, row_id, row_version FROM operation_change WHERE seq = ? ORDER BY ordinal", [seq]
        ):
            rows[table, id_] = max(version, rows.get((table, id_), version))
        for row in self.db.execute("SELECT table_name, row_id FROM disposed WHERE seq = ?", [seq]):
            rows[row] = None
        return root([leaf(canonical(TOUCHED, [*row, rows[row]])) for row in sorted(rows)])

    def kept(self):
        """The sum over what is kept beside the log."""
        lanes = [0] * 16
        for table, (columns, when) in KEPT.items():
            for row in self.db.execute(f"SELECT {', '.join(columns.split())} FROM {table} WHERE {when}"):
                element = leaf(canonical("steward-kept-1", [Text(table.encode()), *row]))
                numbers = b"".join(hashlib.sha256(element + bytes([at])).digest() for at in range(4))
                lanes = [(a + b) % 2**64 for a, b in zip(lanes, struct.unpack(">16Q", numbers))]
        return struct.pack(">16Q", *lanes)

    def rows_besides(self, end):
        for table in self.tables & COLUMNS.keys():
            query = f"SELECT count(*) FROM {table} WHERE id >= ? OR id < 1"
            if self.db.execute(query, [self.next_ids.get(table, 1)]).fetchone() != (0,):
                self.find(None, f"rows of {table} stand in no operation")
        for table, read in [("operation_change", self.changes), ("disposed", self.disposals)]:
            if self.db.execute(f"SELECT count(*) FROM {table}").fetchone() != (read,):
                self.find(None, f"rows of {table} stand in no operation")


def check_store(path, digest):
    store = Store(path)
    if digest:
        if digest["store_id"].encode() != store.store_id:
            return 12, "FORKED: the digest is of another store."
        found = store.db.execute("SELECT hash FROM operation WHERE seq = ?", [digest["seq"]]).fetchone()
        if found is None:
            return 11, f"OLDER: the log ends before operation {digest['seq']} of the digest."
        if found[0].hex() != digest["hash"]:
            return 12, f"FORKED: operation {digest['seq']} is not the one of the digest."
    end = store.check()
    if not store.bad:
        return 0, f"SOUND: {end} operations."
    seqs = [seq for seq, _ in store.bad if seq is not None]
    first = min(seqs, default=None)
    problem = next(problem for seq, problem in store.bad if seq == first)
    if first is None:
        return 10, f"TAMPERED: beside the log: {problem}."
    return 10, f"TAMPERED: operation {first}: {problem}."


def check_proof(proof, digest):
    if proof["format"] not in ("steward-proof-1", "steward-proof-2") or proof["store_id"] != digest["store_id"]:
        raise Tampered("it is no proof of the digest's store")
    operations = {}
    previous = None
    for operation in proof["operations"]:
        for name, value in operation.items():
            if isinstance(value, str):
                operation[name] = bytes.fromhex(value) if name in BLOBS else Text(value.encode())
        seq = operation["seq"]
        if previous and (seq != previous["seq"] + 1 or operation["prev_hash"] != previous["hash"]):
            raise Tampered(f"operation {seq} does not follow the one before it")
        if operation_hash(Text(proof["store_id"].encode()), operation) != operation["hash"]:
            raise Tampered(f"operation {seq} was changed")
        operations[seq] = previous = operation
    if previous is None or previous["seq"] != digest["seq"] or previous["hash"].hex() != digest["hash"]:
        raise Tampered("it does not end with the digest")
    if not proof["leaves"]:
        raise Tampered("it proves nothing")
    for at, proven in enumerate(proof["leaves"]):
        tags = ["steward-row-1", "steward-row-2"] if at == 0 else ["steward-change-1"]
        check_leaf(proof, proven, operations[proven["operation"]], tags)
    line = f"PROVEN: {proof['table']} {proof['id']}, made or changed by operations " + ", ".join(
        str(proven["operation"]) for proven in proof["leaves"]
    )
    if proof["format"] == "steward-proof-2":
        check_last(proof, operations)
        line += ", and by none since"
    return 0, line


def check_last(proof, operations):
    """No operation changed the row but those that the leaves are of."""
    own = (Text(proof["table"].encode()), proof["id"])
    shown = {touched["operation"]: touched for touched in proof["last"]}
    left = None
    for seq, operation in operations.items():
        said = operation.get("touched")
        if said is not None and said != root([]):
            rows = check_touched(shown[seq], said, own)
            left = rows.get(own, left)
    versions = [change_version(proven["canonical"]) for proven in proof["leaves"][1:]]
    if versions != list(range(2, len(versions) + 2)) or (versions[-1] if versions else None) != left:
        raise Tampered("a change of the row is missing")
    if not versions and any(operation.get("touched") is None for operation in operations.values()):
        raise Tampered("some operations do not say what they changed")


def change_version(digits):
    """The row_version of a change: behind the tag, the table and the row's id."""
    content, at = bytes.fromhex(digits), 0
    for _ in range(2):
        at += 5 + int.from_bytes(content[at + 1 : at + 5], "big")
    return int.from_bytes(content[at + 10 : at + 18], "big", signed=True)


def check_touched(touched, said, own):
    """The rows that are shown of those that an operation changed: this one, or those between which it would stand."""
    rows, places = {}, []
    for shown in touched["leaves"]:
        content = bytes.fromhex(shown["canonical"])
        table = content[5 + len(TOUCHED) :]
        length = int.from_bytes(table[1:5], "big")
        number = table[5 + length :]
        row = (Text(table[5 : 5 + length]), int.from_bytes(number[1:9], "big", signed=True))
        version = int.from_bytes(number[10:18], "big", signed=True) if number[9:10] == b"I" else None
        if content != canonical(TOUCHED, [*row, version]):
            raise Tampered("a row that an operation changed is none")
        path = [bytes.fromhex(digits) for digits in shown["path"]]
        if root_by(path, leaf(content), shown["index"], touched["of"]) != said:
            raise Tampered(f"a row does not lead to those that operation {touched['operation']} changed")
        rows[row] = version
        places.append((shown["index"], row))
    if [row for _, row in places] == [own]:
        return rows
    before = [at for at, row in places if row < own]
    after = [at for at, row in places if row > own]
    first, last = (before or [-1])[-1], (after or [touched["of"]])[0]
    if len(places) not in (1, 2) or len(before) > 1 or len(after) > 1 or first + 1 != last:
        raise Tampered(f"it does not show that operation {touched['operation']} left the row alone")
    return {}


def check_leaf(proof, proven, operation, tags):
    rows = sum(last - first + 1 for _, first, last in json.loads(operation["rows_created"]))
    if proven["of"] < rows + operation["rows_changed"]:
        raise Tampered(f"operation {proven['operation']} wrote another number of rows")
    content = bytes.fromhex(proven["canonical"])
    beginnings = [canonical(tag, [Text(proof["table"].encode()), proof["id"]]) for tag in tags]
    if not content.startswith(tuple(beginnings)):
        raise Tampered(f"a leaf of operation {proven['operation']} is of another row")
    path = [bytes.fromhex(digits) for digits in proven["path"]]
    if root_by(path, leaf(content), proven["index"], proven["of"]) != operation["rows_hash"]:
        raise Tampered(f"a leaf does not lead to the rows of operation {proven['operation']}")


def read_json(path):
    """The last line of a file: digests are usually appended to one."""
    lines = [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    return json.loads(lines[-1])


def main():
    parser = argparse.ArgumentParser(description="Checks a steward store, or a proof of one row, without steward.")
    parser.add_argument("store", nargs="?")
    parser.add_argument("--digest", metavar="FILE")
    parser.add_argument("--proof", metavar="FILE")
    args = parser.parse_args()
    if bool(args.store) == bool(args.proof) or (args.proof and not args.digest):
        parser.error("give a store, or a proof and a digest")
    try:
        digest = read_json(args.digest) if args.digest else None
        if args.proof:
            code, line = check_proof(read_json(args.proof), digest)
        else:
            code, line = check_store(args.store, digest)
    except Tampered as tampered:
        code, line = 10, f"TAMPERED: {tampered}."
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        code, line = 13, f"UNREADABLE: {type(error).__name__}: {error}"
    print(line)
    return code


if __name__ == "__main__":
    sys.exit(main())
