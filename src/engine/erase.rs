//! After a disposal: what was freed in the file is overwritten, the log beside it emptied, and copies are named.
//!
//! Overwriting is no operation: no row changes, and the log says nothing of it. It goes page by page, so that others write
//! meanwhile; where it is cut off, the next disposal goes on with it, whether it finds anything to dispose of or not.

use super::command::{Command, Mode};
use super::in_chunks::let_others_write;
use super::outcome::{Erased, Outcome};
use super::{Engine, Error};
use crate::store::Scrub;

impl Engine {
    /// Ends what a disposal did, or would have done, if it was one.
    pub(super) fn erase_after(
        &mut self,
        command: &Command,
        mode: &Mode,
        result: Result<Outcome, Error>,
    ) -> Result<Outcome, Error> {
        if *mode == Mode::DryRun || !matches!(command, Command::Dispose { .. }) {
            return result;
        }
        let mut outcome = result?;
        match self.erase(outcome.operation.is_some()) {
            Ok(erased) => {
                outcome.erased = erased.map(Box::new);
                Ok(outcome)
            }
            Err(error) => {
                let by = outcome.operation.map(|operation| format!(", operation {operation}")).unwrap_or_default();
                Err(Error::Failed(anyhow::anyhow!(
                    "{}{by}, and then what was freed in the file could not be overwritten: {error:#}. To go on: the same \
                     command again",
                    outcome.summary
                )))
            }
        }
    }

    fn erase(&mut self, disposed: bool) -> Result<Option<Erased>, anyhow::Error> {
        let owes = self.writer.owes_scrub()?;
        if !disposed && !owes {
            return Ok(None);
        }
        let mut erased = Erased::default();
        let mut scrub = Scrub::default();
        while owes && !scrub.is_done {
            if self.writer.stop().asked() {
                erased.stopped = true;
                break;
            }
            self.writer.scrub(&mut scrub)?;
            if let Some(tell) = &mut self.tell {
                tell(i64::from(scrub.done()), i64::from(scrub.pages));
            }
            let_others_write();
        }
        erased.pages = scrub.overwritten;
        if let Some(left) = self.writer.empty_log()? {
            erased.log_left = left.bytes;
            erased.log_held_by = left.holders.iter().map(ToString::to_string).collect();
        }
        let copies = self.store().copies_beside()?;
        erased.copies = copies.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        Ok(Some(erased))
    }
}
