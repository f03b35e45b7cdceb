//! A store whose every text tries to act on the terminal, and what a terminal must never be sent.

use std::path::Path;

use rusqlite::Connection;
use unicode_normalization::char::is_combining_mark;

/// Sequences of every kind that terminals act on, and characters that they hide or turn round.
pub const TEXT: &str = "x\u{1b}[2J\u{1b}[31m\u{1b}]0;title\u{7}\u{1b}]52;c;eA==\u{1b}\\\u{90}q\u{9b}1m\u{9d}0;t\u{9c}\
    \u{202e}right\u{2066}\u{200b}\u{200d}\u{2060}\u{feff}\u{e0041}\u{e007f}\u{8}\r\n\t\u{7f}y";

/// What a lot of text is: a value of 100 KB, and a base with 1,000 combining marks.
const LONG: usize = 100_000;
const MARKS: usize = 1_000;

/// Columns that the schema itself keeps from holding such a text.
const KEPT: [&str; 3] = ["delivery_sha256", "code", "guid"];

/// Puts hostile text into every text column of every row, past the program, as nothing that it takes in could do worse.
pub fn fill(store: &Path) {
    let conn = Connection::open(store).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut found = conn.prepare(sql).unwrap();
        let rows = found.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    for trigger in names("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
        conn.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    let mut filled = 0;
    for table in names("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'") {
        for column in names(&format!("SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'")) {
            let kept =
                KEPT.contains(&column.as_str()) || table == "setting" || column == "roles" || column == "fixed_value";
            // The log's own words are people's too; its hashes and kinds are the program's.
            let program = table == "operation"
                && !["actor", "on_behalf_of", "host", "summary", "reason"].contains(&column.as_str());
            // A link's text is a number.
            if kept || program || (table == "system_user" && column == "login") {
                continue;
            }
            // Where the schema bounds the length, the longest that it takes.
            let marks = format!("a{}", "\u{338}".repeat(MARKS));
            let texts = [(marks.as_str(), long(table.as_str())), (marks.as_str(), TEXT.into()), (TEXT, TEXT.into())];
            let sql = format!(
                "UPDATE {table} SET {column} = CASE rowid % 4 WHEN 3 THEN ?2 WHEN 2 THEN ?3 ELSE ?1 END || rowid"
            );
            let changed = texts.iter().find_map(|(marks, long)| conn.execute(&sql, (TEXT, marks, long)).ok());
            filled += usize::from(changed.unwrap_or_else(|| panic!("{table}.{column} takes no such text")) > 0);
        }
    }
    assert!(filled > 40, "only {filled} columns hold hostile text");
}

/// A long value where there are few rows; items have many columns and rows, and one long column is as good as many.
fn long(table: &str) -> String {
    let often = table == "integration_sync_item" || table == "integration_ledger";
    if often { TEXT.repeat(3) } else { TEXT.repeat(LONG / TEXT.len() + 1) }
}

/// What is in a text that a terminal would act on, hide or turn round; line feeds are the program's own.
pub fn acting(text: &str) -> Option<String> {
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        if (c.is_control() && c != '\n') || hidden || marks > 4 {
            return Some(format!("U+{:04X}", c as u32));
        }
    }
    None
}
