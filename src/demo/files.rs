//! The demo's files, carried in the binary so that it needs nothing beside it.
//!
//! They are bytes and not text: one of the deliveries is not UTF-8, as an old system's might well be.

macro_rules! files {
    ($($name:ident = $path:literal)+) => {
        $(pub(super) const $name: File = File { name: $path, bytes: include_bytes!(concat!("../../assets/demo/", $path)) };)+
    };
}

/// A file by its name below `assets/demo`.
#[derive(Debug, Clone, Copy)]
pub(super) struct File {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

files! {
    CONTRACT_TYPES = "codes/contract_type.csv"
    EMPLOYMENT_STATUSES = "codes/employment_status.csv"
    LICENSE_STATUSES = "codes/license_status.csv"
    LICENSE_TYPES = "codes/license_type.csv"
    STATES = "codes/state.csv"
    UNIT_TYPES = "codes/unit_type.csv"

    BINDINGS = "bindings.csv"
    IDENTIFIERS = "identifiers.csv"
    POLICIES = "policies.csv"
    VALUE_MAPS = "value_maps.csv"

    GIS_SITES = "deliveries/gis-sites.csv"
    GIS_SITES_BROKEN = "deliveries/gis-sites-broken.csv"
    GIS_SITES_MOVES = "deliveries/gis-sites-moves.csv"
    HR_CONTACTS_CHANGES = "deliveries/hr-contacts-changes.csv"
    HR_CONTACTS_FULL = "deliveries/hr-contacts-full.csv"
    HR_CONTACTS_NIGHTLY = "deliveries/hr-contacts-nightly.csv"
    HR_UNITS = "deliveries/hr-units.csv"
    LICENSING_FULL = "deliveries/licensing-full.csv"
    LICENSING_INSPECTIONS = "deliveries/licensing-inspections.csv"
    LICENSING_RENEWALS = "deliveries/licensing-renewals.csv"
    PAYROLL_CONTACTS = "deliveries/payroll-contacts.csv"
    PAYROLL_CONTACTS_LATE = "deliveries/payroll-contacts-late.csv"
    PROCUREMENT_CONTRACTS = "deliveries/procurement-contracts.csv"
    PROCUREMENT_CONTRACTS_UPDATE = "deliveries/procurement-contracts-update.csv"
}
