//! Who takes a delivery in: a run owns its job by a lease, so that two runs of one delivery never write side by side.
//!
//! A lease names its run by a token, and the process by what tells it from every other one: the boot of the machine, the
//! namespace that its number counts in, the number, and when it began. It ends where the process can be seen to be gone;
//! where it cannot be seen, [`LASTS`] after the run renewed it last. Taking and renewing one is no operation, and the log
//! does not cover it: who falsifies a lease can hold a delivery up, or let two runs at it, of which the later one stops.

use anyhow::Result;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::Store;
use super::held::Linked;
use super::write::Write;
use crate::model::time::{Clock, Micros};

/// How long a lease lasts that nobody renews, where its process cannot be seen.
const LASTS: Micros = 60 * 1_000_000;

/// A process among all others, as far as the system tells; what it does not tell is empty or 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Process {
    /// The id of the machine's present boot.
    pub boot: String,
    /// The namespace of process numbers.
    pub namespace: String,
    pub number: i64,
    /// When it began, in ticks since the boot.
    pub began: i64,
}

/// A run that owns a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub token: Uuid,
    /// Whose run it is, and on which machine.
    pub person: String,
    pub host: String,
    pub process: Process,
    pub taken: Micros,
    pub renewed: Micros,
}

impl Process {
    /// This one.
    pub fn ours() -> Process {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let number = i64::from(std::process::id());
        Process {
            boot: boot.trim().to_string(),
            namespace: namespace.to_string_lossy().into_owned(),
            number,
            began: began(number).unwrap_or_default(),
        }
    }

    /// Whether it still runs; `None` where that cannot be seen from here.
    fn runs(&self, ours: &Process) -> Option<bool> {
        let seen = !ours.boot.is_empty() && !ours.namespace.is_empty();
        let here = (&self.boot, &self.namespace) == (&ours.boot, &ours.namespace);
        (seen && here && self.began != 0).then(|| began(self.number) == Some(self.began))
    }
}

/// When a process began; none where there is none with this number, or it is over and only its parent has not asked how it
/// ended, which some never do. A name may hold anything, also brackets and blanks.
fn began(number: i64) -> Option<i64> {
    const AFTER_NAME: usize = 19;
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let over = rest.trim_start().starts_with(['Z', 'X']);
    if over { None } else { rest.split_ascii_whitespace().nth(AFTER_NAME)?.parse().ok() }
}

impl Lease {
    /// Whether its run may still be at it.
    pub fn lives(&self, ours: &Process, now: Micros) -> bool {
        lives(&self.process, self.renewed, ours, now)
    }
}

/// A clock that was set back must not make a lease last for days.
fn lives(process: &Process, renewed: Micros, ours: &Process, now: Micros) -> bool {
    process.runs(ours).unwrap_or_else(|| now.abs_diff(renewed) < LASTS.unsigned_abs())
}

/// The lease of a job, in a listing: `lease_lives(boot, namespace, process, began, renewed)`.
pub(super) fn add_function(conn: &Connection, clock: Clock) -> rusqlite::Result<()> {
    let ours = Process::ours();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("lease_lives", 5, flags, move |context| {
        let process = Process {
            boot: context.get(0)?,
            namespace: context.get(1)?,
            number: context.get(2)?,
            began: context.get(3)?,
        };
        Ok(lives(&process, context.get(4)?, &ours, clock()))
    })
}

fn read(row: &Row) -> rusqlite::Result<Lease> {
    let token: [u8; 16] = row.get(0)?;
    let process = Process { boot: row.get(3)?, namespace: row.get(4)?, number: row.get(5)?, began: row.get(6)? };
    Ok(Lease {
        token: Uuid::from_bytes(token),
        person: row.get(1)?,
        host: row.get(2)?,
        process,
        taken: row.get(7)?,
        renewed: row.get(8)?,
    })
}

impl Write<'_> {
    /// Who owns a job, whether or not they are still at it.
    pub fn lease(&self, job: i64) -> Result<Option<Lease>> {
        let sql = "SELECT token, person, host, boot, namespace, process, process_began, taken_on, renewed_on
                   FROM job_lease WHERE job = ?";
        Ok(self.tx.prepare_cached(sql)?.query_row([job], read).optional()?)
    }

    /// Has a run own a job from here on.
    pub fn take_lease(&mut self, job: i64, lease: &Lease) -> Result<()> {
        let Lease { token, person, host, process, taken, renewed } = lease;
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO job_lease
                    (job, token, person, host, boot, namespace, process, process_began, taken_on, renewed_on)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(rusqlite::params![
                job,
                token.as_bytes(),
                person,
                host,
                process.boot,
                process.namespace,
                process.number,
                process.began,
                taken,
                renewed
            ])?;
        Ok(())
    }

    /// Renews a run's lease; false where it is not its own any more.
    pub fn renew_lease(&mut self, job: i64, token: Uuid) -> Result<bool> {
        renew(&self.tx, job, token, self.stamp.at)
    }

    /// The run is done with the job.
    pub fn end_lease(&mut self, job: i64, token: Uuid) -> Result<()> {
        end(&self.tx, job, token)
    }
}

fn renew(conn: &Connection, job: i64, token: Uuid, now: Micros) -> Result<bool> {
    let sql = "UPDATE job_lease SET renewed_on = ? WHERE job = ? AND token = ?";
    Ok(conn.prepare_cached(sql)?.execute((now, job, token.as_bytes()))? == 1)
}

fn end(conn: &Connection, job: i64, token: Uuid) -> Result<()> {
    conn.prepare_cached("DELETE FROM job_lease WHERE job = ? AND token = ?")?.execute((job, token.as_bytes()))?;
    Ok(())
}

/// A connection of its own that renews a run's lease beside what it does, and ends it.
pub struct LeaseKeeper {
    conn: Linked,
    job: i64,
    token: Uuid,
}

impl LeaseKeeper {
    pub fn open(store: &Store, job: i64, token: Uuid) -> Result<LeaseKeeper> {
        store.check_writable()?;
        Ok(LeaseKeeper { conn: store.writer()?, job, token })
    }

    /// Renews the lease; false where it is not the run's own any more.
    pub fn renew(&self, now: Micros) -> Result<bool> {
        renew(&self.conn, self.job, self.token, now)
    }

    /// The run is over, and whoever comes next need not wait.
    pub fn end(&self) -> Result<()> {
        end(&self.conn, self.job, self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_nobody_asked_how_it_ended_does_not_run() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let number = i64::from(child.id());
        assert!(began(number).is_some());
        child.kill().unwrap();
        let gone = (0..1000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            began(number).is_none()
        });
        assert!(gone && std::path::Path::new(&format!("/proc/{number}")).exists());
        child.wait().unwrap();
    }

    /// What is known of a process: where it counts, its number, when it began and when it renewed its lease.
    #[test]
    fn a_lease_lives_as_long_as_its_process_can_be_seen_or_was_heard_of() {
        let ours = Process::ours();
        assert!(ours.began > 0 && !ours.boot.is_empty() && !ours.namespace.is_empty(), "{ours:?}");
        let gone = Process { number: i64::from(i32::MAX), ..ours.clone() };
        let reused = Process { began: ours.began - 1, ..ours.clone() };
        let elsewhere = Process { namespace: "pid:[1]".into(), ..ours.clone() };
        let before = Process { boot: "another".into(), ..ours.clone() };
        let unknown = Process { began: 0, ..ours.clone() };
        let now = 1_000 * LASTS;
        for (case, process, renewed, expected) in [
            ("it runs", &ours, now, true),
            ("it runs, and was not heard of for long", &ours, 0, true),
            ("it is gone", &gone, now, false),
            ("its number is another's by now", &reused, now, false),
            ("in another namespace, heard of just now", &elsewhere, now, true),
            ("in another namespace, almost forgotten", &elsewhere, now - LASTS + 1, true),
            ("in another namespace, forgotten", &elsewhere, now - LASTS, false),
            ("of another boot or machine, heard of just now", &before, now, true),
            ("of another boot or machine, forgotten", &before, now - LASTS, false),
            ("its beginning is not known, heard of just now", &unknown, now, true),
            ("its beginning is not known, forgotten", &unknown, now - LASTS, false),
            ("the clock was set back by a day", &elsewhere, now + 1_440 * LASTS, false),
        ] {
            assert_eq!(lives(process, renewed, &ours, now), expected, "{case}");
        }
    }
}
