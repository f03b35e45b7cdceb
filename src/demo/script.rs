//! What happened at the agency, day by day, as data: setting up, deliveries, decisions, a mistake taken back.

use super::files::{self, File};
use crate::engine::{Command, Import, MapKey, Rows, Verb};
use crate::model::choice::Relationship;
use crate::model::time::{DAY, Micros, SECOND};

/// How long ago the agency began to use steward.
pub(super) const BEGINNING: Micros = 42 * DAY;
/// The time from the beginning of a day's work to the same hour of the day at which the demo is built.
pub(super) const WORKDAY: Micros = 8 * 3600 * SECOND;
/// The microseconds between two steps of one day.
pub(super) const BETWEEN_STEPS: usize = 17 * 60 * SECOND as usize;
/// The sources that deliver, for the summary: HR, PAYROLL, LICENSING, PROCUREMENT, GIS.
pub(super) const SOURCES: usize = 5;

/// One of the invented people, by the name under which they act.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub login: &'static str,
    pub full_name: &'static str,
    pub role: &'static str,
}

/// Those beside the person who builds the demo.
pub const PEOPLE: [Person; 3] = [
    Person { login: "mreyes", full_name: "Marisol Reyes", role: "steward" },
    Person { login: "tokafor", full_name: "Tobias Okafor", role: "reviewer" },
    Person { login: "jlind", full_name: "Johanna Lind", role: "support" },
];

#[derive(Debug, Clone, Copy)]
pub(super) enum Who {
    /// The person who builds the demo.
    Admin,
    Steward,
    Reviewer,
    Support,
}

impl Who {
    pub fn login(self, admin: &str) -> String {
        match self {
            Who::Admin => admin.into(),
            Who::Steward => PEOPLE[0].login.into(),
            Who::Reviewer => PEOPLE[1].login.into(),
            Who::Support => PEOPLE[2].login.into(),
        }
    }
}

/// The steps of one day; `ago` is the time from that day to the day on which the demo is built.
pub(super) struct Day {
    pub ago: Micros,
    pub steps: Vec<Step>,
}

pub(super) struct Step {
    pub who: Who,
    pub act: Act,
}

pub(super) enum Act {
    Run(Command),
    Import(Import, File),
    Deliver(Parcel),
}

/// A file that a source delivers.
pub(super) struct Parcel {
    pub source: &'static str,
    pub table: &'static str,
    pub key_column: &'static str,
    pub delivery_id: &'static str,
    pub file: File,
    /// How long before its arrival the source submitted it.
    pub under_way: Micros,
    pub keep_unchanged: bool,
}

/// The six weeks.
pub(super) fn script() -> Vec<Day> {
    vec![
        Day { ago: BEGINNING, steps: set_up() },
        Day {
            ago: 41 * DAY,
            steps: vec![deliver("HR", "organizationunit", "unit_code", "HR-ORG-0001", files::HR_UNITS)],
        },
        Day { ago: 40 * DAY, steps: vec![deliver("HR", "contact", "employee_id", "HR-0001", files::HR_CONTACTS_FULL)] },
        Day {
            ago: 39 * DAY,
            steps: vec![deliver("PAYROLL", "contact", "payroll_no", "PAY-2026-19", files::PAYROLL_CONTACTS)],
        },
        Day {
            ago: 36 * DAY,
            steps: vec![deliver("LICENSING", "license", "license_no", "LX00117", files::LICENSING_FULL)],
        },
        Day { ago: 35 * DAY, steps: first_decisions() },
        Day {
            ago: 34 * DAY,
            steps: vec![deliver("PROCUREMENT", "contract", "contract_no", "PR-881", files::PROCUREMENT_CONTRACTS)],
        },
        Day {
            ago: 30 * DAY,
            steps: vec![deliver("GIS", "organizationunit", "site_code", "sites-v1", files::GIS_SITES)],
        },
        Day { ago: 29 * DAY, steps: contract_decisions() },
        Day {
            ago: 20 * DAY,
            steps: vec![deliver("HR", "contact", "employee_id", "HR-0002", files::HR_CONTACTS_CHANGES)],
        },
        Day { ago: 19 * DAY, steps: contact_decisions() },
        Day {
            ago: 12 * DAY,
            steps: vec![deliver(
                "PROCUREMENT",
                "contract",
                "contract_no",
                "PR-902",
                files::PROCUREMENT_CONTRACTS_UPDATE,
            )],
        },
        Day {
            ago: 9 * DAY,
            steps: vec![deliver("LICENSING", "license", "license_no", "LX00118", files::LICENSING_RENEWALS)],
        },
        Day { ago: 6 * DAY, steps: site_troubles() },
        Day { ago: 2 * DAY, steps: late_payroll() },
        Day {
            ago: DAY,
            steps: vec![deliver("LICENSING", "license", "license_no", "LX00119", files::LICENSING_INSPECTIONS)],
        },
        Day { ago: 0, steps: today() },
    ]
}

fn set_up() -> Vec<Step> {
    let people = PEOPLE.iter().map(|person| {
        let (login, full_name) = (person.login.into(), Some(person.full_name.into()));
        step(Who::Admin, Act::Run(Command::AddUser { login, full_name, roles: vec![person.role.into()] }))
    });
    let lists = [
        ("contract_type", files::CONTRACT_TYPES),
        ("employment_status", files::EMPLOYMENT_STATUSES),
        ("license_status", files::LICENSE_STATUSES),
        ("license_type", files::LICENSE_TYPES),
        ("state", files::STATES),
        ("unit_type", files::UNIT_TYPES),
    ];
    let codes = lists.map(|(list, file)| step(Who::Admin, Act::Import(Import::Codes { list: list.into() }, file)));
    let setup = [
        (Who::Admin, Import::Policies, files::POLICIES),
        (Who::Steward, Import::Bindings, files::BINDINGS),
        (Who::Steward, Import::ValueMaps, files::VALUE_MAPS),
        (Who::Steward, Import::Identifiers, files::IDENTIFIERS),
    ];
    let setup = setup.map(|(who, into, file)| step(who, Act::Import(into, file)));
    people.chain(codes).chain(setup).collect()
}

fn first_decisions() -> Vec<Step> {
    vec![
        map("PAYROLL", "employment_status", "7", "RETIRED"),
        map("PAYROLL", "employment_status", "8", "SEPARATED"),
        map("LICENSING", "license_status", "V", "REVOKED"),
        no_match("LICENSING", "license_status", "??"),
        map("PAYROLL", "state", "Ore", "OR"),
        map("LICENSING", "state", "Ore", "OR"),
        decide(Verb::Certify, "is:pending field:employment_status source:HR", None),
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
    vec![
        map("PROCUREMENT", "contract_type", "FIXED", "FFP"),
        // A slip of the hand: a co-operative agreement is no purchase order. It is taken back below.
        map("PROCUREMENT", "contract_type", "Coop", "PO"),
        step(Who::Steward, Act::Run(Command::Undo { operation: None })),
        step(
            Who::Steward,
            Act::Run(Command::Flag {
                map: code("PROCUREMENT", "contract_type", "MISC"),
                note: Some("Asked the contracts office what MISC stands for.".into()),
            }),
        ),
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

fn site_troubles() -> Vec<Step> {
    vec![
        deliver("GIS", "organizationunit", "site_code", "sites-v2", files::GIS_SITES_BROKEN),
        deliver("GIS", "organizationunit", "site_code", "sites-v2b", files::GIS_SITES_MOVES),
    ]
}

fn late_payroll() -> Vec<Step> {
    let late = Parcel {
        under_way: 50 * DAY,
        ..parcel("PAYROLL", "contact", "payroll_no", "PAY-2026-18", files::PAYROLL_CONTACTS_LATE)
    };
    vec![
        step(Who::Support, Act::Deliver(late)),
        decide(
            Verb::Revoke,
            "is:certified field:work_email value:ezekiel.oduya@dlpw.columbia.example",
            Some("Mail to this address comes back."),
        ),
    ]
}

fn today() -> Vec<Step> {
    let nightly = Parcel {
        keep_unchanged: true,
        ..parcel("HR", "contact", "employee_id", "HR-0003", files::HR_CONTACTS_NIGHTLY)
    };
    vec![step(Who::Support, Act::Deliver(nightly))]
}

fn step(who: Who, act: Act) -> Step {
    Step { who, act }
}

fn parcel(
    source: &'static str,
    table: &'static str,
    key_column: &'static str,
    delivery_id: &'static str,
    file: File,
) -> Parcel {
    // Files arrive in the morning that were written late in the evening before.
    Parcel { source, table, key_column, delivery_id, file, under_way: 9 * 3600 * SECOND, keep_unchanged: false }
}

fn deliver(source: &'static str, table: &'static str, key_column: &'static str, id: &'static str, file: File) -> Step {
    step(Who::Support, Act::Deliver(parcel(source, table, key_column, id, file)))
}

fn code(source: &str, list: &str, code: &str) -> MapKey {
    MapKey::Code { source: source.into(), list: list.into(), code: code.into() }
}

fn map(source: &str, list: &str, of: &str, canonical: &str) -> Step {
    let (map, canonical) = (code(source, list, of), canonical.into());
    step(Who::Steward, Act::Run(Command::Map { map, canonical, relationship: Relationship::Equal }))
}

fn no_match(source: &str, list: &str, of: &str) -> Step {
    step(Who::Steward, Act::Run(Command::NoMatch { map: code(source, list, of) }))
}

fn decide(verb: Verb, filter: &str, reason: Option<&str>) -> Step {
    let (rows, reason) = (Rows::Filter(filter.into()), reason.map(Into::into));
    step(Who::Reviewer, Act::Run(Command::Decide { verb, rows, reason }))
}
