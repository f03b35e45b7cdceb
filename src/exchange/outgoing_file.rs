//! A file of records that go to a receiver.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use super::{Format, OutgoingRecords, WholeFile};
use crate::model::record::{OutgoingRecord, Receiver};

/// A file that has its name only when it is whole, and never takes the place of another: that one may not have been
/// sent on yet. Readable by its owner alone, like the store.
pub struct OutgoingFile {
    records: OutgoingRecords<BufWriter<File>>,
    draft: Option<WholeFile>,
}

impl OutgoingFile {
    /// Begins the file.
    ///
    /// # Errors
    /// There is such a file already, or its folder takes none.
    pub fn create(path: &Path, format: Format) -> io::Result<OutgoingFile> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let draft = WholeFile::begin(path)?;
        let records = OutgoingRecords::new(format, BufWriter::new(draft.file().try_clone()?), false)?;
        Ok(OutgoingFile { records, draft: Some(draft) })
    }
}

impl Receiver for OutgoingFile {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()> {
        self.records.take(record)
    }

    /// Gives the file its name, once all that it holds is on the disk.
    fn finish(&mut self) -> io::Result<()> {
        self.records.finish()?;
        self.draft.take().map_or(Ok(()), WholeFile::place)
    }
}

/// What to do about a file that cannot be made, in a sentence.
pub fn file_problem(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "There is such a file already. Move it away, or name another.".into(),
        io::ErrorKind::NotFound => "Its folder does not exist. Make it, or name another.".into(),
        _ => format!("It cannot be made: {error}."),
    }
}
