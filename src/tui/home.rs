//! Home: what needs attention, how the sources' deliveries went, how much there is. Enter leads to the rows.

use ratatui::layout::Rect;

use super::cut;
use super::desk::Desk;
use super::layout;
use super::overlay::scrolled;
use super::paint::{Paint, Span};
use super::panes::{self, Target};
use super::pick_up;
use super::read::{Answer, Request, Slot, Trouble};
use super::state::Left;
use super::theme::Role;
use crate::model::choice::MapState;
use crate::model::filter::quoted;
use crate::model::query::Count;
use crate::model::text::{counted, grouped};
use crate::model::time::{DAY, Micros};
use crate::model::{Table, shown};
use crate::store::{OperationRow, Overview, SourceJobs};

/// From this width on the table sizes stand at the right.
const SIDE_BY_SIDE: u16 = 120;
const LEAST_LATEST: usize = 4;
const ASIDE: u16 = 40;
/// Cells of a source's bar at most.
const BAR: i64 = 12;

/// The codes that have no value map.
const UNMAPPED: &str = "is:proposed";

#[derive(Debug, Default)]
pub struct Home {
    pub overview: Option<Overview>,
    /// The latest operations, the newest first.
    latest: Vec<OperationRow>,
    /// Where one left off the last time.
    pub left: Option<Left>,
    asked: Option<u64>,
    /// There is reason to ask again once the answer is there.
    again: bool,
    at: usize,
}

/// A line that leads somewhere.
struct Entry {
    spans: Vec<Span>,
    table: Table,
    filter: String,
}

/// A line of the screen: an entry by its place, or a heading.
type Line = (Option<usize>, Vec<Span>);

impl Home {
    /// Asks for the numbers anew; the old ones stay until they come. What is being counted already is let finish, or
    /// numbers that take longer than the time between two writes would never come.
    pub fn refresh(&mut self, desk: &mut Desk) {
        if self.asked.is_some() {
            self.again = true;
        } else {
            self.asked = Some(desk.ask(Slot::Overview, Request::Overview { now: desk.now() }));
        }
    }

    pub fn answered(&mut self, ticket: u64, answer: Result<Answer, Trouble>, desk: &mut Desk) {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        match answer {
            Ok(Answer::Overview(overview, latest)) => (self.overview, self.latest) = (Some(overview), latest),
            Err(Trouble::Failed(problem)) => desk.complain(problem),
            Ok(_) | Err(Trouble::Replaced | Trouble::Stopped) => {}
        }
        if std::mem::take(&mut self.again) {
            self.refresh(desk);
        }
    }

    /// All rows of a table, as the store counts them.
    pub fn rows(&self, table: Table) -> Option<i64> {
        self.overview.as_ref().map(|overview| count(overview, table, ""))
    }

    pub fn step(&mut self, rows: isize, desk: &Desk) {
        let entries = self.entries(desk).len() + usize::from(self.left.is_some());
        let last = entries.saturating_sub(1);
        self.at = self.at.saturating_add_signed(rows).min(last);
    }

    /// The place where one left off, if it is the line under the cursor.
    pub fn chosen_left(&self, desk: &Desk) -> Option<&Left> {
        self.left.as_ref().filter(|_| self.at == self.entries(desk).len())
    }

    /// Where Enter leads to.
    pub fn target(&self, desk: &Desk) -> Option<(Table, Target)> {
        self.entries(desk).into_iter().nth(self.at).map(|entry| (entry.table, Target::Filter(entry.filter)))
    }

    /// Whether Enter leads anywhere from the line under the cursor.
    pub fn leads_somewhere(&self, desk: &Desk) -> bool {
        self.target(desk).is_some() || self.chosen_left(desk).is_some()
    }

    fn entries(&self, desk: &Desk) -> Vec<Entry> {
        let Some(overview) = &self.overview else { return Vec::new() };
        attention(overview, desk.now()).into_iter().chain(overview.sources.iter().map(source)).collect()
    }

    fn lines(&self, desk: &Desk) -> Vec<Line> {
        let heading = |text: &str| (None, vec![(format!(" {text}"), Role::Heading)]);
        let Some(overview) = &self.overview else { return vec![heading("reading…")] };
        if Table::ALL.iter().all(|table| count(overview, *table, "") == 0) {
            return first_steps();
        }
        let mut lines = vec![heading("NEEDS ATTENTION")];
        let mut entries = self.entries(desk).into_iter().map(|entry| entry.spans).enumerate();
        let (all, sources) = (entries.len(), overview.sources.len());
        let here = all - sources;
        lines.extend(entries.by_ref().take(here).map(|(at, spans)| (Some(at), spans)));
        let read_only = overview.read_only.iter().map(|said| (None, vec![(format!("  ! {said}"), Role::Waiting)]));
        lines.extend(read_only);
        if overview.left_log.is_some() {
            let text = "  ! The file's -wal holds work that nobody is at: a copy of the file alone lacks it";
            lines.push((None, vec![(text.into(), Role::Waiting)]));
        }
        lines.push((None, Vec::new()));
        let columns =
            format!(" {:<31}{:>6}{:>9}{:>9}{:>8}", "SYNC JOBS, LAST 7 DAYS", "ok", "partial", "neutral", "failed");
        lines.push((None, vec![(columns, Role::Heading)]));
        lines.extend(entries.map(|(at, spans)| (Some(at), spans)));
        if sources == 0 {
            lines.push((None, vec![("   no delivery in the last 7 days".into(), Role::Quiet)]));
        }
        if let Some(left) = &self.left {
            lines.push((None, Vec::new()));
            lines.push(heading("PICK UP WHERE YOU LEFT OFF"));
            lines.push((Some(all), pick_up::spans(left, desk)));
        }
        lines
    }

    /// The lines for whoever hears them; those that lead somewhere have a place among the entries.
    pub fn said(&self, desk: &Desk) -> Vec<(Option<usize>, String)> {
        let text = |spans: &[Span]| {
            let parts = spans.iter().map(|(text, _)| text.trim().trim_start_matches(['!', ' ']));
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
        };
        let Some(overview) = &self.overview else { return Vec::new() };
        let first_source = self.entries(desk).len() - overview.sources.len();
        let said = |(at, spans): (Option<usize>, Vec<Span>)| {
            let jobs = at.and_then(|at| at.checked_sub(first_source)).and_then(|at| overview.sources.get(at));
            let left = at.is_some_and(|at| at == first_source + overview.sources.len());
            let before = if left { "Pick up where you left off: " } else { "" };
            (at, jobs.map_or_else(|| format!("{before}{}", text(&spans)), said_jobs))
        };
        let headings = |(at, text): &(Option<usize>, String)| at.is_some() || !text.starts_with("SYNC JOBS");
        self.lines(desk).into_iter().map(said).filter(|line| !line.1.is_empty()).filter(headings).collect()
    }

    /// Puts the cursor on an entry.
    pub fn choose(&mut self, at: usize) {
        self.at = at;
    }

    pub fn draw(&self, paint: &mut Paint, area: Rect, desk: &Desk) {
        let mut lines = self.lines(desk);
        let mut area = area;
        if let Some(overview) = &self.overview {
            if area.width >= SIDE_BY_SIDE {
                let aside = Rect { x: area.right() - ASIDE, width: ASIDE, ..area };
                area.width -= ASIDE;
                let sizes = sizes(overview, desk);
                for (at, spans) in (0..area.height).zip(&sizes) {
                    paint.spans(layout::line(aside, at), spans);
                }
                let above = lines.len().max(sizes.len()) + 1;
                let room = usize::from(area.height).saturating_sub(above + 1);
                let below = Rect { width: area.width + ASIDE, ..area };
                for (at, spans) in (above as u16..).zip(latest(&self.latest, room, desk)) {
                    paint.spans(layout::line(below, at), &spans);
                }
            } else {
                let rows = rows_in_short(overview);
                // The blank line before them is the first to go.
                if lines.len() + rows.len() < area.height.into() {
                    lines.push((None, Vec::new()));
                }
                lines.extend(rows);
            }
        }
        let height = usize::from(area.height);
        // Where that makes everything fit, blank lines are done without.
        let blank = lines.iter().filter(|(_, spans)| spans.is_empty()).count();
        if lines.len() > height && lines.len() - blank <= height {
            lines.retain(|(_, spans)| !spans.is_empty());
        }
        let chosen = lines.iter().position(|(at, _)| *at == Some(self.at)).unwrap_or_default();
        let last = lines.iter().rposition(|(at, _)| at.is_some()).unwrap_or_default();
        let skip = scrolled(if chosen == last { lines.len().saturating_sub(1) } else { chosen }, height).min(chosen);
        for (line, (at, spans)) in (0..).zip(lines.iter().skip(skip).take(height)) {
            let area = layout::line(area, line);
            paint.spans(area, spans);
            if at.is_some() && *at == Some(self.at) {
                paint.put(area, ">", Role::Plain);
                paint.tint(area, Role::Selected);
            }
        }
    }
}

/// Whether this is the line of the codes that have no value map: it leads to where they are decided.
pub fn is_unmapped(table: Table, target: &Target) -> bool {
    table == Table::ValueMaps && matches!(target, Target::Filter(filter) if filter == UNMAPPED)
}

fn count(overview: &Overview, table: Table, facet: &str) -> i64 {
    overview.counts.iter().find(|(t, f, _)| *t == table && f == facet).map_or(0, |(_, _, n)| *n)
}

fn attention(overview: &Overview, now: Micros) -> Vec<Entry> {
    let n = |table, facet| count(overview, table, facet);
    let exactly = |n| Count { n, exact: true };
    let entry = |label: &str, n: Count, remark: String, table, filter: &str| {
        let (mark, role) = if n.n > 0 { ('!', Role::Waiting) } else { (' ', Role::Quiet) };
        let spans = vec![
            (format!("  {mark} {label:<42}"), role),
            (format!("{:>10}   ", n.to_string()), role),
            (remark, Role::Quiet),
        ];
        Entry { spans, table, filter: filter.into() }
    };
    let oldest = overview.oldest_pending.map(|at| match (now - at).max(0) / DAY {
        0 => "all from the last day".into(),
        days => format!("oldest {}", counted(days, "day")),
    });
    let some = |n: i64, said: String| (n > 0).then_some(said);
    // A code whose match was rejected waits for another one, as on the map screen; a flagged one was put aside.
    let [proposed, rejected, flagged] =
        [MapState::Proposed, MapState::Rejected, MapState::Flagged].map(|state| n(Table::ValueMaps, state.label()));
    let about_codes = [
        some(proposed, counted(overview.proposed_lists, "list")),
        some(flagged, format!("{} flagged", grouped(flagged))),
    ];
    let about_codes: Vec<String> = about_codes.into_iter().flatten().collect();
    let not_applied = n(Table::SyncItems, "Held") + n(Table::SyncItems, "Failed");
    let failed = some(not_applied, format!("{} failed", grouped(n(Table::SyncItems, "Failed"))));
    let interrupted: i64 = overview.sources.iter().map(|jobs| jobs.interrupted).sum();
    let remark = "deliver them again, or withdraw them".to_string();
    // Where there is none, nothing is to be said of it.
    let interrupted = (interrupted > 0)
        .then(|| entry("Interrupted deliveries", exactly(interrupted), remark, Table::SyncJobs, "is:interrupted"));
    let mut entries = vec![
        entry(
            "Ledger entries pending certification",
            exactly(n(Table::Ledger, "Pending")),
            oldest.unwrap_or_default(),
            Table::Ledger,
            "is:pending",
        ),
        entry(
            "Sync items not applied",
            exactly(not_applied),
            failed.unwrap_or_default(),
            Table::SyncItems,
            "state:held,failed is:active",
        ),
        entry(
            "Source codes that have no value map",
            exactly(proposed + rejected),
            about_codes.join(", "),
            Table::ValueMaps,
            UNMAPPED,
        ),
        entry(
            "Value maps with confidence below 0.80",
            overview.low_confidence,
            String::new(),
            Table::ValueMaps,
            "confidence<0.8",
        ),
        entry("Current values past their stale-after day", overview.stale, String::new(), Table::Ledger, "is:stale"),
    ];
    entries.extend(interrupted);
    entries
}

fn source(jobs: &SourceJobs) -> Entry {
    let bar = bar(&[(jobs.success, '+'), (jobs.partial, '!'), (jobs.indeterminate, '?'), (jobs.failure, 'x')]);
    let role = if jobs.failure > 0 { Role::Bad } else { Role::Plain };
    let spans = vec![
        (format!("    {} {:<9}", cut::fit(&jobs.source, 17), shown(&jobs.direction)), Role::Plain),
        (
            format!("{:>7}{:>9}{:>9}", grouped(jobs.success), grouped(jobs.partial), grouped(jobs.indeterminate)),
            Role::Plain,
        ),
        (format!("{:>8}", grouped(jobs.failure)), role),
        (format!("  {bar}"), Role::Quiet),
    ];
    Entry { spans, table: Table::SyncJobs, filter: format!("source:{}", quoted(&jobs.source)) }
}

fn said_jobs(jobs: &SourceJobs) -> String {
    let (source, direction) = (shown(&jobs.source), shown(&jobs.direction));
    let [ok, partial, neutral, failed] = [jobs.success, jobs.partial, jobs.indeterminate, jobs.failure].map(grouped);
    format!(
        "{source}, {direction} jobs of the last 7 days: {ok} ok, {partial} partial, {neutral} neutral, {failed} failed"
    )
}

/// Numbers as a row of marks: a mark for each while there is room, else to scale, with one at least where there are any.
fn bar(parts: &[(i64, char)]) -> String {
    let total: i64 = parts.iter().map(|(n, _)| n).sum();
    let cells = |n: i64| if total <= BAR || n == 0 { n } else { (n * BAR / total).max(1) };
    parts.iter().map(|(n, mark)| mark.to_string().repeat(cells(*n) as usize)).collect()
}

fn rows_in_short(overview: &Overview) -> Vec<Line> {
    let cell = |table: &Table| {
        let title = format!("{} {}", table.info().title, grouped(count(overview, *table, "")));
        format!("{title:<27}")
    };
    let mut lines = vec![(None, vec![(" ROWS".to_string(), Role::Heading)])];
    for tables in Table::ALL.chunks(3) {
        let text = format!("   {}", tables.iter().map(cell).collect::<String>());
        lines.push((None, vec![(text.trim_end().into(), Role::Plain)]));
    }
    lines
}

fn sizes(overview: &Overview, desk: &Desk) -> Vec<Vec<Span>> {
    let line = |label: &str, value: String| vec![(format!("   {label:<18}"), Role::Quiet), (value, Role::Plain)];
    let mut lines = vec![vec![(" ROWS".to_string(), Role::Heading)]];
    lines.extend(Table::ALL.iter().map(|table| line(table.info().title, grouped(count(overview, *table, "")))));
    lines.push(Vec::new());
    lines.push(vec![(" STORE".into(), Role::Heading)]);
    lines.push(line("Operations", grouped(overview.operations)));
    lines.push(line("Last operation", overview.last_operation_at.map_or("none".into(), |at| desk.zone.minute(at))));
    lines
}

/// The latest operations in so many lines, with their heading; a few lines would say little.
fn latest(operations: &[OperationRow], room: usize, desk: &Desk) -> Vec<Vec<Span>> {
    if room < LEAST_LATEST || operations.is_empty() {
        return Vec::new();
    }
    let line = |operation: &OperationRow| {
        let (at, actor) = (desk.zone.minute(operation.at), cut::fit(&operation.actor, 12));
        let taken_back = if operation.undone_by.is_some() { "  (taken back)" } else { "" };
        vec![
            (format!("   {at}  {actor}  "), Role::Quiet),
            (shown(&operation.summary).into_owned(), Role::Plain),
            (taken_back.into(), Role::Quiet),
        ]
    };
    let heading = vec![(" LATEST OPERATIONS".to_string(), Role::Heading)];
    std::iter::once(heading).chain(operations.iter().take(room).map(line)).collect()
}

/// What an empty store shows: how each table gets its rows.
fn first_steps() -> Vec<Line> {
    let text = |text: String, role| (None, vec![(text, role)]);
    let mut lines = vec![text(" THIS STORE IS EMPTY".into(), Role::Heading)];
    for pane in panes::ALL {
        lines.push(text(format!("   {}", pane.table.info().title), Role::Plain));
        lines.push(text(format!("     {}", pane.filled_by), Role::Quiet));
    }
    lines
}
