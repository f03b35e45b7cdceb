//! What is known about one entry of a list, asked for when the cursor comes to rest on it: once, and by the entry's name,
//! so that an answer is never taken for that to another entry's question.

#[derive(Debug)]
pub(super) struct About<T> {
    asked: Option<(u64, String)>,
    /// Nothing where the answer did not come.
    found: Option<(String, Option<T>)>,
}

impl<T> Default for About<T> {
    fn default() -> About<T> {
        About { asked: None, found: None }
    }
}

impl<T> About<T> {
    /// Whether nothing is known about an entry, and nothing on its way.
    pub fn is_wanted(&self, name: &str) -> bool {
        let asked = self.asked.as_ref().is_some_and(|(_, asked)| asked == name);
        !asked && self.of(name).is_none()
    }

    /// Takes note that the question with this ticket is about an entry.
    pub fn asked(&mut self, ticket: u64, name: &str) {
        self.asked = Some((ticket, name.into()));
    }

    pub fn awaits(&self, ticket: u64) -> bool {
        self.asked.as_ref().is_some_and(|(asked, _)| *asked == ticket)
    }

    pub fn answered(&mut self, answer: T) {
        self.found = self.asked.take().map(|(_, name)| (name, Some(answer)));
    }

    pub fn missed(&mut self, ticket: u64) {
        if let Some((_, name)) = self.asked.take_if(|(asked, _)| *asked == ticket) {
            self.found = Some((name, None));
        }
    }

    /// What is known about an entry; `Some(None)` where it could not be read.
    pub fn of(&self, name: &str) -> Option<Option<&T>> {
        self.found.as_ref().filter(|(found, _)| found == name).map(|(_, found)| found.as_ref())
    }
}
