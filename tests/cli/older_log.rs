//! The log as a program before format 6 wrote it: its operations vouch for nothing that is kept beside it.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

const COLUMNS: &str = "seq, op_id, kind, at, actor, role, on_behalf_of, host, program_version, summary, reason, undoes,
    rows_created, rows_changed, rows_hash";

/// Writes the hashes of all operations anew, as they were then.
pub fn rewrite(conn: &Connection) {
    let triggers: Vec<(String, String)> = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'operation_no_%'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    triggers.iter().for_each(|(name, _)| conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
    let store: String =
        conn.query_row("SELECT value FROM setting WHERE key = 'store_id'", [], |row| row.get(0)).unwrap();
    let mut before = vec![0; 32];
    for (seq, own) in operations(conn) {
        let mut bytes = vec![0];
        part(&mut bytes, ValueRef::Text(b"steward-operation-1"));
        part(&mut bytes, ValueRef::Blob(&before));
        part(&mut bytes, ValueRef::Text(store.as_bytes()));
        bytes.extend(own);
        let hash = Sha256::digest(&bytes).to_vec();
        conn.execute("UPDATE operation SET prev_hash = ?, hash = ? WHERE seq = ?", (&before, &hash, seq)).unwrap();
        before = hash;
    }
    triggers.iter().for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
}

/// Each operation's number, and the canonical bytes of its columns.
fn operations(conn: &Connection) -> Vec<(i64, Vec<u8>)> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM operation ORDER BY seq")).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        let mut bytes = Vec::new();
        (0..width).try_for_each(|at| row.get_ref(at).map(|value| part(&mut bytes, value)))?;
        Ok((row.get(0)?, bytes))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn part(bytes: &mut Vec<u8>, value: ValueRef) {
    let mut sized = |kind, content: &[u8]| {
        bytes.push(kind);
        bytes.extend((content.len() as u32).to_be_bytes());
        bytes.extend(content);
    };
    match value {
        ValueRef::Text(text) => sized(b'T', text),
        ValueRef::Blob(blob) => sized(b'B', blob),
        ValueRef::Integer(n) => {
            bytes.push(b'I');
            bytes.extend(n.to_be_bytes());
        }
        _ => bytes.push(b'N'),
    }
}
