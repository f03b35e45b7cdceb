"""Rewrites the whole log of a store to fit its rows: what whoever can write the file can do, and only a digest finds.

    forge.py STORE
"""

import sys

import verify

store = verify.Store(sys.argv[1])
operations = [(operation, verify.root(store.leaves(operation))) for operation in store.operations()]
store.db.rollback()

db = verify.sqlite3.connect(sys.argv[1])
db.text_factory = verify.Text
triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
for name, _ in triggers:
    db.execute(f"DROP TRIGGER {name.decode()}")
prev_hash = bytes(32)
for operation, rows_hash in operations:
    operation.update(prev_hash=prev_hash, rows_hash=rows_hash)
    prev_hash = verify.operation_hash(store.store_id, operation)
    db.execute(
        "UPDATE operation SET prev_hash = ?, rows_hash = ?, hash = ? WHERE seq = ?",
        [operation["prev_hash"], rows_hash, prev_hash, operation["seq"]],
    )
for _, sql in triggers:
    db.execute(sql.decode())
db.commit()
