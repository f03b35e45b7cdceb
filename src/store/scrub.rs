//! Overwriting what was freed in the file, after values were disposed of: no byte of them stays in a page.
//!
//! # Locking
//! Page by page, in transactions of their own that are short enough for others to write in between. What others move
//! meanwhile they move from pages of rows, which do not hold the values any more; where a whole page could have been moved
//! from behind to before, the file is gone through again.
//!
//! # The log beside the file
//! It holds the pages as they were. It is written back and emptied where nobody reads what is in it; else it goes when the
//! last one closes the store, and until then it is told.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::beside::{Holder, WAL, beside, bytes, others};
use super::page::{MOST_PAGES, Overflow, Page};
use super::write::{Writer, busy};

/// How long one transaction may keep others from writing.
const TARGET: Duration = Duration::from_millis(60);

/// Times that the file is gone through again since others wrote meanwhile.
const PASSES: u8 = 3;

/// How often, and after which time, it is tried to empty the log beside the file while others read it.
const TRIES: usize = 30;
const PAUSE: Duration = Duration::from_millis(50);

/// How far the overwriting is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scrub {
    /// The next page, from 1; 0 before the first.
    next: u32,
    pub pages: u32,
    /// Pages in which anything was overwritten.
    pub overwritten: i64,
    pass: u8,
    version: Option<i64>,
    /// The last disposal when it began.
    until: i64,
    pub is_done: bool,
}

impl Scrub {
    pub fn done(&self) -> u32 {
        self.next.saturating_sub(1)
    }
}

/// The log beside the file that could not be emptied, and who has the store open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLeft {
    pub bytes: u64,
    pub holders: Vec<Holder>,
}

impl Writer {
    /// Whether what was freed by a disposal may still lie in the file: it was cut off, or never begun.
    pub fn owes_scrub(&self) -> Result<bool> {
        let sql = "SELECT coalesce(max(seq), 0) > coalesce((SELECT max(seq) FROM erasure), 0) FROM disposed";
        Ok(self.conn.query_row(sql, [], |row| row.get(0))?)
    }

    /// Overwrites what was freed in the next pages.
    ///
    /// # Errors
    /// A page cannot be read or written, or is damaged; or this program was built without the table of the file's pages.
    pub fn scrub(&mut self, scrub: &mut Scrub) -> Result<()> {
        let version = data_version(&self.conn)?;
        self.check_store()?;
        self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
        let result = self.scrub_part(scrub);
        self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        scrub.version = scrub.version.or(Some(version));
        result
    }

    fn scrub_part(&mut self, scrub: &mut Scrub) -> Result<()> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(busy)?;
        let begun = Instant::now();
        if scrub.next == 0 {
            let sql = "SELECT coalesce(max(seq), 0) FROM disposed";
            let until = tx.query_row(sql, [], |row| row.get(0))?;
            *scrub = Scrub { until, overwritten: scrub.overwritten, pass: scrub.pass, next: 1, ..Scrub::default() };
        }
        let file = Pages::of(&tx)?;
        scrub.pages = file.count;
        while scrub.next <= file.count && begun.elapsed() < TARGET {
            let at = scrub.next;
            scrub.overwritten += file.clear(at).with_context(|| format!("Page {at} cannot be overwritten"))?;
            scrub.next += 1;
        }
        let at_end = scrub.next > file.count;
        let others_wrote = at_end && data_version(&tx)? != scrub.version.unwrap_or_default();
        if at_end && others_wrote && scrub.version.is_some() && scrub.pass + 1 < PASSES {
            (scrub.next, scrub.pass, scrub.version) = (0, scrub.pass + 1, None);
        } else if at_end {
            tx.execute(
                "INSERT INTO erasure (id, seq) VALUES (1, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq",
                [scrub.until],
            )?;
            scrub.is_done = true;
        }
        tx.commit()?;
        Ok(())
    }

    /// Writes the log beside the file back and empties it. Answers what is left of it, since others read it.
    pub fn empty_log(&mut self) -> Result<Option<LogLeft>> {
        let path = self.store().path().to_path_buf();
        // Whoever waits here would keep others from writing.
        self.conn.busy_timeout(Duration::ZERO)?;
        for nth in 0..TRIES {
            if nth > 0 {
                std::thread::sleep(PAUSE);
            }
            for mode in ["PASSIVE", "TRUNCATE"] {
                let sql = format!("PRAGMA wal_checkpoint({mode})");
                let _: Option<i64> = self.conn.query_row(&sql, [], |row| row.get(0)).optional()?;
            }
            if bytes(&beside(&path, WAL)) == 0 {
                break;
            }
        }
        self.conn.busy_handler(Some(super::open::wait))?;
        let left = bytes(&beside(&path, WAL));
        Ok((left > 0).then(|| LogLeft { bytes: left, holders: others(&path) }))
    }
}

/// A number that changes when another connection writes.
fn data_version(conn: &Connection) -> Result<i64> {
    Ok(conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

/// The pages of the file in a transaction.
struct Pages<'a> {
    tx: &'a Transaction<'a>,
    count: u32,
    size: usize,
    usable: usize,
    /// Those in use as no page: their content is nobody's.
    free: HashSet<u32>,
    /// Those that list the free ones, with how many each lists.
    lists: Vec<(u32, usize)>,
}

impl<'a> Pages<'a> {
    fn of(tx: &'a Transaction<'a>) -> Result<Pages<'a>> {
        let pragma = |name: &str| tx.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, u32>(0));
        let (count, size) = (pragma("page_count")?, pragma("page_size")? as usize);
        if count >= MOST_PAGES {
            bail!("the file has too many pages: steward compact rebuilds it without what was freed");
        }
        let mut pages = Pages { tx, count, size, usable: size, free: HashSet::new(), lists: Vec::new() };
        let mut first = pages.read(1)?;
        pages.usable = size - usize::from(first[20]);
        let mut next = Page::new(1, &mut first, pages.usable).four(32)?;
        while next != 0 && pages.lists.len() < count as usize {
            let mut bytes = pages.read(next)?;
            let list = Page::new(next, &mut bytes, pages.usable);
            let listed = (list.four(4)? as usize).min(pages.usable / 4 - 2);
            for at in 0..listed {
                pages.free.insert(list.four(8 + 4 * at)?);
            }
            pages.lists.push((next, listed));
            next = list.four(0)?;
        }
        Ok(pages)
    }

    /// Overwrites what was freed in a page, and in what its rows have elsewhere. Answers in how many pages.
    fn clear(&self, number: u32) -> Result<i64> {
        // The page of SQLite's locks has no content.
        if number as usize == (1 << 30) / self.size + 1 {
            return Ok(0);
        }
        let mut bytes = self.read(number)?;
        let mut page = Page::new(number, &mut bytes, self.usable);
        let mut overflows = Vec::new();
        if self.free.contains(&number) {
            page.clear(0, self.usable)?;
        } else if let Some((_, listed)) = self.lists.iter().find(|(list, _)| *list == number) {
            page.clear(8 + 4 * listed, self.usable)?;
        } else if page.is_of_tree() {
            overflows = page.clear_free_space()?;
        }
        let changed = page.changed;
        if changed {
            self.write(number, &bytes)?;
        }
        let mut overwritten = i64::from(changed);
        for overflow in overflows {
            overwritten += self.clear_rest(overflow)?;
        }
        Ok(overwritten)
    }

    /// The rest of the last page of a row's overflow.
    fn clear_rest(&self, overflow: Overflow) -> Result<i64> {
        let mut number = overflow.first;
        for _ in 1..overflow.pages {
            let mut bytes = self.read(number)?;
            number = Page::new(number, &mut bytes, self.usable).four(0)?;
        }
        let mut bytes = self.read(number)?;
        let mut page = Page::new(number, &mut bytes, self.usable);
        page.clear(4 + overflow.used, self.usable)?;
        let changed = page.changed;
        if changed {
            self.write(number, &bytes)?;
        }
        Ok(i64::from(changed))
    }

    fn read(&self, number: u32) -> Result<Vec<u8>> {
        let sql = "SELECT data FROM sqlite_dbpage WHERE pgno = ?";
        let mut statement = self.tx.prepare_cached(sql).context(
            "this program was built without SQLite's table of pages: steward compact rebuilds the file without what was freed",
        )?;
        statement
            .query_row([number], |row| row.get(0))
            .optional()?
            .with_context(|| format!("there is no page {number}"))
    }

    fn write(&self, number: u32, bytes: &[u8]) -> Result<()> {
        let sql = "UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?";
        self.tx.prepare_cached(sql)?.execute((bytes, number))?;
        Ok(())
    }
}
