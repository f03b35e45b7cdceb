//! What happened at the agency, day by day, as data: setting up, deliveries, decisions, a mistake taken back.

use super::files::{self, File};
use crate::engine::{Command, Import, MapKey, Rows, Verb};
use crate::model::choice::Relationship;
use crate::model::time::{DAY, Micros, SECOND};

const HOUR: Micros = 3600 * SECOND;
/// How long ago the agency began to use steward.
pub(super) const BEGINNING: Micros = 42 * DAY;
/// The time from a day's first step to the hour at which the demo is built.
pub(super) const WORKDAY: Micros = 8 * HOUR;
/// The microseconds between two steps of one day.
pub(super) const BETWEEN_STEPS: usize = 17 * 60 * SECOND as usize;

/// One of the invented people, by the name under which they act.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub login: &'static str,
    pub full_name: &'static str,
    pub role: &'static str,
}

const STEWARD: Person = Person { login: "mreyes", full_name: "Marisol Reyes", role: "steward" };
const REVIEWER: Person = Person { login: "tokafor", full_name: "Tobias Okafor", role: "reviewer" };
const SUPPORT: Person = Person { login: "jlind", full_name: "Johanna Lind", role: "support" };

/// Those beside the person who builds the demo.
pub const PEOPLE: [Person; 3] = [STEWARD, REVIEWER, SUPPORT];

/// A kind of file that a source delivers again and again.
pub(super) struct Feed {
    pub source: &'static str,
    pub table: &'static str,
    pub key_column: &'static str,
}

const HR_UNITS: Feed = Feed { source: "HR", table: "organizationunit", key_column: "unit_code" };
const HR_CONTACTS: Feed = Feed { source: "HR", table: "contact", key_column: "employee_id" };
const PAYROLL_CONTACTS: Feed = Feed { source: "PAYROLL", table: "contact", key_column: "payroll_no" };
const LICENSES: Feed = Feed { source: "LICENSING", table: "license", key_column: "license_no" };
const CONTRACTS: Feed = Feed { source: "PROCUREMENT", table: "contract", key_column: "contract_no" };
const SITES: Feed = Feed { source: "GIS", table: "organizationunit", key_column: "site_code" };

/// One file of a feed.
pub(super) struct Parcel {
    pub feed: Feed,
    pub delivery_id: &'static str,
    pub file: File,
    /// How long before its arrival the source submitted it.
    pub under_way: Micros,
    pub keep_unchanged: bool,
}

/// The steps of one day; `ago` is the time from that day to the day on which the demo is built.
pub(super) struct Day {
    pub ago: Micros,
    pub steps: Vec<Step>,
}

pub(super) struct Step {
    /// The login of an invented person; none is the person who builds the demo.
    pub who: Option<&'static str>,
    pub act: Act,
}

pub(super) enum Act {
    Run(Command),
    /// Something that the person may not do: the refusal is part of the story.
    Refused(Command),
    Import(Import, File),
    Deliver(Parcel),
}

/// The six weeks.
pub(super) fn script() -> Vec<Day> {
    vec![
        Day { ago: BEGINNING, steps: set_up() },
        day(41, [deliver(HR_UNITS, "HR-ORG-0001", files::HR_UNITS)]),
        day(40, [deliver(HR_CONTACTS, "HR-0001", files::HR_CONTACTS_FULL), certify_hr_statuses()]),
        day(39, [deliver(PAYROLL_CONTACTS, "PAY-2026-19", files::PAYROLL_CONTACTS)]),
        day(36, [deliver(LICENSES, "LX00117", files::LICENSING_FULL)]),
        Day { ago: 35 * DAY, steps: first_decisions() },
        day(34, [deliver(CONTRACTS, "PR-881", files::PROCUREMENT_CONTRACTS)]),
        day(30, [deliver(SITES, "sites-v1", files::GIS_SITES)]),
        Day { ago: 29 * DAY, steps: contract_decisions() },
        day(20, [deliver(HR_CONTACTS, "HR-0002", files::HR_CONTACTS_CHANGES)]),
        Day { ago: 19 * DAY, steps: contact_decisions() },
        day(9, [deliver(LICENSES, "LX00118", files::LICENSING_RENEWALS)]),
        day(
            6,
            [deliver(SITES, "sites-v2", files::GIS_SITES_BROKEN), deliver(SITES, "sites-v2b", files::GIS_SITES_MOVES)],
        ),
        day(5, [deliver(CONTRACTS, "PR-902", files::PROCUREMENT_CONTRACTS_UPDATE)]),
        day(2, [deliver_late_payroll(), revoke_an_address()]),
        day(1, [deliver(LICENSES, "LX00119", files::LICENSING_INSPECTIONS)]),
        day(0, [deliver_nightly_contacts(), certify_in_vain()]),
    ]
}

fn set_up() -> Vec<Step> {
    let people = PEOPLE.map(|person| {
        let (login, full_name) = (person.login.into(), Some(person.full_name.into()));
        by_admin(Act::Run(Command::AddUser { login, full_name, roles: vec![person.role.into()] }))
    });
    let lists = [
        ("contract_type", files::CONTRACT_TYPES),
        ("employment_status", files::EMPLOYMENT_STATUSES),
        ("license_status", files::LICENSE_STATUSES),
        ("license_type", files::LICENSE_TYPES),
        ("state", files::STATES),
        ("unit_type", files::UNIT_TYPES),
    ];
    let codes = lists.map(|(list, file)| by_admin(Act::Import(Import::Codes { list: list.into() }, file)));
    let rest = [
        by_admin(Act::Import(Import::Policies, files::POLICIES)),
        by(STEWARD, Act::Import(Import::Bindings, files::BINDINGS)),
        by(STEWARD, Act::Import(Import::ValueMaps, files::VALUE_MAPS)),
        by(STEWARD, Act::Import(Import::Identifiers, files::IDENTIFIERS)),
    ];
    people.into_iter().chain(codes).chain(rest).collect()
}

fn first_decisions() -> Vec<Step> {
    vec![
        map("PAYROLL", "employment_status", "7", "RETIRED"),
        map("PAYROLL", "employment_status", "8", "SEPARATED"),
        map("PAYROLL", "state", "Ore", "OR"),
        map("LICENSING", "state", "Ore", "OR"),
        map("LICENSING", "license_status", "V", "REVOKED"),
        by(STEWARD, Act::Run(Command::NoMatch { map: code("LICENSING", "license_status", "??") })),
        decide(
            Verb::Certify,
            "is:pending field:license_status value:ACTIVE",
            Some("Checked against the paper register."),
        ),
        decide(
            Verb::Reject,
            "is:pending field:employment_status source:PAYROLL value:LEAVE",
            Some("HR knows of no leave; payroll will correct its file."),
        ),
    ]
}

fn contract_decisions() -> Vec<Step> {
    let question = Some("Asked the contracts office what MISC stands for.".into());
    vec![
        map("PROCUREMENT", "contract_type", "FIXED", "FFP"),
        // A slip of the hand, taken back: a co-operative agreement is no purchase order.
        map("PROCUREMENT", "contract_type", "Coop", "PO"),
        by(STEWARD, Act::Run(Command::Undo { operation: None })),
        by(STEWARD, Act::Run(Command::Flag { map: code("PROCUREMENT", "contract_type", "MISC"), note: question })),
        decide(Verb::Certify, "is:pending field:contract_value", Some("Agrees with the signed contracts.")),
    ]
}

fn contact_decisions() -> Vec<Step> {
    vec![
        map("HR", "employment_status", "TEMP-AG", "SEASONAL"),
        decide(Verb::Certify, "is:pending field:work_email source:HR", None),
        decide(
            Verb::Reject,
            "is:pending field:employment_status value:RETIRED source:HR",
            Some("Retires in January; too early."),
        ),
    ]
}

fn certify_hr_statuses() -> Step {
    decide(Verb::Certify, "is:pending field:employment_status source:HR", None)
}

fn revoke_an_address() -> Step {
    let filter = "is:certified field:work_email value:ezekiel.oduya@dlpw.columbia.example";
    decide(Verb::Revoke, filter, Some("Mail to this address comes back."))
}

/// Support does not certify.
fn certify_in_vain() -> Step {
    let rows = Rows::Filter("is:pending field:home_state".into());
    by(SUPPORT, Act::Refused(Command::Decide { verb: Verb::Certify, rows, reason: None }))
}

/// A file that lay somewhere for seven weeks: what it says is older than what the store has.
fn deliver_late_payroll() -> Step {
    let parcel = parcel(PAYROLL_CONTACTS, "PAY-2026-18", files::PAYROLL_CONTACTS_LATE);
    by(SUPPORT, Act::Deliver(Parcel { under_way: 50 * DAY, ..parcel }))
}

fn deliver_nightly_contacts() -> Step {
    let parcel = parcel(HR_CONTACTS, "HR-0003", files::HR_CONTACTS_NIGHTLY);
    by(SUPPORT, Act::Deliver(Parcel { keep_unchanged: true, ..parcel }))
}

fn day<const N: usize>(days_ago: i64, steps: [Step; N]) -> Day {
    Day { ago: days_ago * DAY, steps: steps.into() }
}

fn by(person: Person, act: Act) -> Step {
    Step { who: Some(person.login), act }
}

fn by_admin(act: Act) -> Step {
    Step { who: None, act }
}

/// A file that was written late in the evening before the morning on which it arrives.
fn parcel(feed: Feed, delivery_id: &'static str, file: File) -> Parcel {
    Parcel { feed, delivery_id, file, under_way: 9 * HOUR, keep_unchanged: false }
}

fn deliver(feed: Feed, delivery_id: &'static str, file: File) -> Step {
    by(SUPPORT, Act::Deliver(parcel(feed, delivery_id, file)))
}

fn code(source: &str, list: &str, code: &str) -> MapKey {
    MapKey::Code { source: source.into(), list: list.into(), code: code.into() }
}

fn map(source: &str, list: &str, of: &str, canonical: &str) -> Step {
    let (map, canonical) = (code(source, list, of), canonical.into());
    by(STEWARD, Act::Run(Command::Map { map, canonical, relationship: Relationship::Equal }))
}

fn decide(verb: Verb, filter: &str, reason: Option<&str>) -> Step {
    let (rows, reason) = (Rows::Filter(filter.into()), reason.map(Into::into));
    by(REVIEWER, Act::Run(Command::Decide { verb, rows, reason }))
}
