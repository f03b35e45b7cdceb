//! `steward backup` and `steward restore`

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::engine::Context;
use crate::engine::backup::{Backup as Made, back_up, made_before, prune, restore};
use crate::exchange::{WholeFile, json_line};
use crate::model::text::{counted, grouped};
use crate::model::time;
use crate::store::{Digest, NewStore, Store};

use super::failure::{Done, Failure};
use super::session::{Session, shown_path};
use super::verify::read_digest;

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// The file to make, which must not be there; its digest comes beside it, as FILE.digest
    #[arg(value_name = "FILE", required_unless_present = "into", conflicts_with = "into")]
    file: Option<PathBuf>,
    /// Make a file with the time in its name in this folder
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Afterwards remove the oldest backups of this store in the folder, so that so many stay
    ///
    /// Only files that verify as this store's are removed, whatever they are called.
    #[arg(long, value_name = "N", requires = "into")]
    keep: Option<NonZeroUsize>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let store = Store::open(&session.path()?)?;
        let (file, stem) = (self.path(&store), stem(&store));
        let beside = digest_path(&file);
        if beside.symlink_metadata().is_ok() {
            let beside = shown_path(&beside);
            return Err(Failure::new(format!("There is a digest at {beside} already. Name another file.")));
        }
        if let Some(folder) = &self.into {
            // What a kill left there has a name that no later backup has.
            NewStore::sweep_all(folder, &format!("{stem}-"))?;
        }
        if let Some(digest) = file.exists().then(|| made_before(&store, &file)).flatten() {
            return self.finish(&store, &file, &digest, out);
        }
        let made = back_up(&store, &file)?;
        write_digest(&made.digest, &beside)?;
        let pruned = match (&self.into, self.keep) {
            (Some(folder), Some(keep)) => Some(prune(&store, folder, &stem, &file, keep.get(), &digest_path)?),
            _ => None,
        };
        if self.json {
            let removed = pruned.map(|pruned| pruned.removed).unwrap_or_default();
            return Ok(json_line(out, &object(&file, &made, &removed))?);
        }
        writeln!(out, "{}", story(&file, &made))?;
        if let Some(pruned) = pruned {
            for path in &pruned.removed {
                writeln!(out, "  removed: {}", shown_path(path))?;
            }
            for path in &pruned.left {
                writeln!(out, "  left, since it is no sound backup of this store: {}", shown_path(path))?;
            }
        }
        Ok(())
    }

    /// Writes the digest of a backup that was cut off before it was written.
    fn finish(&self, store: &Store, file: &Path, digest: &Digest, out: &mut dyn Write) -> Done {
        write_digest(digest, &digest_path(file))?;
        let (name, seq, last) = (shown_path(file), grouped(digest.seq), store.reader()?.last_seq()?);
        let told = format!(
            "The backup {name} up to operation {seq} was made before; its digest was missing, and is written now."
        );
        if digest.seq < last {
            let last = grouped(last);
            return Err(Failure::new(format!(
                "{told} The store has come to operation {last}: name another file for that."
            )));
        }
        if self.json {
            return Ok(json_line(out, &json!({ "file": file.to_string_lossy(), "digest": digest, "removed": [] }))?);
        }
        Ok(writeln!(out, "{told}")?)
    }

    fn path(&self, store: &Store) -> PathBuf {
        match (&self.file, &self.into) {
            (Some(file), _) => file.clone(),
            (None, folder) => {
                let now = time::rfc3339(time::now()).replace(['-', ':'], "");
                folder.clone().unwrap_or_default().join(format!("{}-{now}.db", stem(store)))
            }
        }
    }
}

/// What the names of a store's backups begin with.
fn stem(store: &Store) -> String {
    store.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn digest_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".digest");
    name.into()
}

fn write_digest(digest: &Digest, path: &Path) -> Done {
    let written = || -> io::Result<()> {
        let file = WholeFile::begin(path)?;
        json_line(&mut file.file(), digest)?;
        file.place()
    };
    written().map_err(|error| {
        Failure::new(format!("The backup is made; its digest {} could not be written: {error}.", shown_path(path)))
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn story(file: &Path, made: &Made) -> String {
    format!(
        "Made the backup {} up to operation {}: copied in {}, checked in {}.",
        shown_path(file),
        grouped(made.digest.seq),
        seconds(made.copied),
        seconds(made.checked)
    )
}

fn object(file: &Path, made: &Made, removed: &[PathBuf]) -> serde_json::Value {
    let names: Vec<_> = removed.iter().map(|path| path.to_string_lossy()).collect();
    json!({
        "file": file.to_string_lossy(),
        "digest": made.digest,
        "copied_ms": made.copied.as_millis(),
        "checked_ms": made.checked.as_millis(),
        "removed": names,
    })
}

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// A backup of the store
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A file with a digest that the backup's log must go on from [default: FILE.digest, if it is there]
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
}

impl Restore {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let beside = digest_path(&self.file);
        let digest = self.digest.clone().or_else(|| beside.exists().then_some(beside));
        let digest = digest.as_deref().map(read_digest).transpose()?;
        let path = session.path()?;
        let restored = restore(&path, &self.file, digest.as_ref(), Context::new(session.actor()?))?;
        writeln!(
            out,
            "Restored the store {} from {}; operation {} says so in its log.",
            shown_path(&path),
            shown_path(&self.file),
            grouped(restored.operation)
        )?;
        if let Some(aside) = restored.aside {
            writeln!(out, "The store as it was is {}.", shown_path(&aside))?;
        }
        Ok(())
    }
}

/// `steward compact`
pub(super) fn compact(session: &Session, out: &mut dyn Write) -> Done {
    let path = session.admins_path()?;
    let (before, after) = crate::store::Alone::take(&path)?.compact()?;
    let kilobytes = |bytes: u64| grouped(i64::try_from(bytes.div_ceil(1024)).unwrap_or(i64::MAX));
    Ok(writeln!(
        out,
        "Compacted the store {} from {} kB to {} kB.",
        shown_path(&path),
        kilobytes(before),
        kilobytes(after)
    )?)
}

#[derive(Debug, clap::Args)]
pub(super) struct Move {
    /// Where it is to lie; nothing may be there
    #[arg(value_name = "PATH")]
    to: PathBuf,
}

impl Move {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let path = session.admins_path()?;
        let moved = Store::move_to(&path, &self.to)?;
        Ok(writeln!(out, "Moved the store {} to {moved}. Nothing of it is left there.", shown_path(&path))?)
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Locks {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Locks {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let path = session.path()?;
        if !path.exists() {
            return Err(Failure::new(format!("There is no store at {}.", shown_path(&path))));
        }
        let holders = crate::store::who_has_open(&path)?;
        for holder in &holders {
            let since = holder.since.map(time::rfc3339);
            if self.json {
                let (pid, name) = (holder.pid, &holder.name);
                let writes_since = holder.writes_since.map(time::rfc3339);
                json_line(
                    out,
                    &json!({
                        "process": pid, "name": name, "writes": holder.writes, "writes_since": writes_since, "since": since,
                    }),
                )?;
                continue;
            }
            let does = match (holder.writes, holder.writes_since) {
                (true, Some(at)) => format!("writes since {}", time::rfc3339(at)),
                (true, None) => "writes".to_string(),
                (false, _) => "has it open".to_string(),
            };
            let since = since.map(|since| format!("; it runs since {since}")).unwrap_or_default();
            writeln!(out, "{holder} {does}{since}.")?;
        }
        if !self.json {
            writeln!(out, "The store {} is open in {}.", shown_path(&path), programs(holders.len()))?;
        }
        Ok(())
    }
}

fn programs(n: usize) -> String {
    counted(n as i64, "other program")
}
