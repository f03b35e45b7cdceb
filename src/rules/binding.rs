//! Which binding says how a field's values and a table's unknown keys are treated (engine.md, steps 2 to 4).

pub use crate::model::fact::Binding;

use super::name;
use crate::model::choice::OnUnknownKey;

/// The binding of a field (step 4): (table, field, source), then (table, field, any source). None: no binding row.
///
/// Names compare without case. Of two rows at one level the older one (the lower id) counts, whatever their order.
pub fn of_field<'a>(bindings: &'a [Binding], table: &str, field: &str, source: &str) -> Option<&'a Binding> {
    closest(bindings, table, source, |named| named.is_some_and(|named| name::same(named, field)))
}

/// The sources that are sent a field's values: those whose binding of the field says outbound.
///
/// A binding of any source names no receiver.
pub fn receivers<'a>(bindings: &'a [Binding], table: &str, field: &str) -> Vec<&'a str> {
    let receives = |source: &str| {
        let binding = of_field(bindings, table, field, source);
        binding.is_some_and(|binding| binding.outbound && !name::is_any(binding.source.as_deref()))
    };
    let named = bindings.iter().filter(|binding| binding.outbound).filter_map(|binding| binding.source.as_deref());
    let mut sources: Vec<&str> = named.filter(|source| receives(source)).collect();
    sources.sort_by(|a, b| name::order(a, b));
    sources.dedup_by(|a, b| name::same(a, b));
    sources
}

/// What the table says of unknown keys (step 3): the row without a field for (table, source), then for (table, any
/// source); Create where there is none.
pub fn on_unknown_key(bindings: &[Binding], table: &str, source: &str) -> OnUnknownKey {
    closest(bindings, table, source, |named| named.is_none())
        .map_or(OnUnknownKey::Create, |binding| binding.on_unknown_key)
}

/// The code list of a field (step 4): the binding's, else a list named `<table>.<field>` or `<field>` if exactly one of
/// the two exists. None: the field has no codes, and a value passes unchanged.
pub fn code_list<'a>(binding: Option<&'a Binding>, lists: &'a [String], table: &str, field: &str) -> Option<&'a str> {
    if let Some(bound) = binding.and_then(|binding| stated(binding.code_list.as_deref())) {
        return Some(bound);
    }
    let qualified = format!("{table}.{field}");
    let mut named = lists.iter().filter(|list| name::same(list, &qualified) || name::same(list, field));
    match (named.next(), named.next()) {
        (Some(list), None) => Some(list),
        _ => None,
    }
}

/// The lowest id among the table's rows of the source, else among those of any source.
fn closest<'a>(
    bindings: &'a [Binding],
    table: &str,
    source: &str,
    is_field: impl Fn(Option<&str>) -> bool,
) -> Option<&'a Binding> {
    bindings
        .iter()
        .filter(|binding| name::same(&binding.target_table, table) && is_field(stated(binding.field_name.as_deref())))
        .filter_map(|binding| Some((distance(binding, source)?, binding.id, binding)))
        .min_by_key(|(distance, id, _)| (*distance, *id))
        .map(|(_, _, binding)| binding)
}

/// 0: the source's own row; 1: a row of any source; None: a row of another source.
fn distance(binding: &Binding, source: &str) -> Option<u8> {
    match binding.source.as_deref() {
        any if name::is_any(any) => Some(1),
        Some(named) if name::same(named, source) => Some(0),
        _ => None,
    }
}

/// A blank column states nothing.
fn stated(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::choice::{OnBlank, OnEmpty, OnNoMatch, OnUnmapped};

    fn binding(id: i64, table: &str, field: Option<&str>, source: Option<&str>) -> Binding {
        Binding {
            id,
            target_table: table.to_owned(),
            field_name: field.map(str::to_owned),
            source: source.map(str::to_owned),
            code_list: None,
            on_unmapped: OnUnmapped::Hold,
            on_blank: OnBlank::Ignore,
            on_no_match: OnNoMatch::Keep,
            on_unknown_key: OnUnknownKey::Create,
            fixed_value: None,
            outbound: false,
            on_empty: OnEmpty::Default,
        }
    }

    type Rows = &'static [(i64, &'static str, Option<&'static str>, Option<&'static str>)];

    /// Step 4, the binding of `contact.status` from HR among (id, table, field, source).
    #[test]
    fn step_4_binding_of_a_field() {
        let cases: &[(&str, Rows, Option<i64>)] = &[
            ("none", &[], None),
            (
                "the source's before any source's",
                &[(1, "contact", Some("status"), None), (2, "contact", Some("status"), Some("HR"))],
                Some(2),
            ),
            (
                "then any source's",
                &[(1, "contact", Some("status"), None), (2, "contact", Some("status"), Some("FIN"))],
                Some(1),
            ),
            ("a blank source is any", &[(1, "contact", Some("status"), Some(" "))], Some(1)),
            ("a star is any", &[(1, "contact", Some("status"), Some("*"))], Some(1)),
            ("names compare without case", &[(1, "CONTACT", Some("Status"), Some("hr"))], Some(1)),
            ("another table's", &[(1, "account", Some("status"), Some("HR"))], None),
            ("another field's", &[(1, "contact", Some("grade"), Some("HR"))], None),
            (
                "the table's is not the field's",
                &[(1, "contact", None, Some("HR")), (2, "contact", Some(""), Some("HR"))],
                None,
            ),
            (
                "of two the older",
                &[(9, "contact", Some("status"), Some("HR")), (4, "contact", Some("status"), Some("hr"))],
                Some(4),
            ),
        ];
        for (case, rows, expected) in cases {
            let bindings: Vec<_> = rows.iter().map(|row| binding(row.0, row.1, row.2, row.3)).collect();
            assert_eq!(of_field(&bindings, "contact", "status", "HR").map(|found| found.id), *expected, "{case}");
        }
    }

    #[test]
    fn outbound_receivers() {
        let outbound = |id, table, field, source| Binding { outbound: true, ..binding(id, table, Some(field), source) };
        let rows = [
            outbound(1, "Contact", "STATUS", Some("HR")),
            outbound(2, "contact", "status", Some("FIN")),
            outbound(3, "contact", "status", Some("fin")),
            outbound(4, "contact", "status", None),
            outbound(5, "contact", "grade", Some("ERP")),
            outbound(6, "account", "status", Some("CRM")),
            binding(7, "contact", Some("status"), Some("PAY")),
        ];
        assert_eq!(receivers(&rows, "contact", "status"), ["FIN", "HR"]);
        assert!(receivers(&rows[3..], "contact", "status").is_empty());
        let own_says_no = [binding(1, "contact", Some("status"), Some("FIN")), rows[1].clone()];
        assert!(receivers(&own_says_no, "contact", "status").is_empty(), "of two the older counts");
    }

    /// Step 3, what holds: each case's rows say Hold, so that Create is the default.
    #[test]
    fn step_3_unknown_keys() {
        use OnUnknownKey::{Create, Hold};
        let cases: &[(&str, Rows, OnUnknownKey)] = &[
            ("nothing said", &[], Create),
            ("the table's, any source", &[(1, "contact", None, None)], Hold),
            ("the table's, a blank field", &[(1, "Contact", Some(" "), Some("hr"))], Hold),
            ("another source's", &[(1, "contact", None, Some("FIN"))], Create),
            ("another table's", &[(1, "account", None, None)], Create),
            ("a field's row does not count", &[(1, "contact", Some("status"), None)], Create),
        ];
        for (case, rows, expected) in cases {
            let held = |row: &(i64, &str, Option<&str>, Option<&str>)| Binding {
                on_unknown_key: Hold,
                ..binding(row.0, row.1, row.2, row.3)
            };
            let bindings: Vec<_> = rows.iter().map(held).collect();
            assert_eq!(on_unknown_key(&bindings, "contact", "HR"), *expected, "{case}");
        }
        let any_holds = Binding { on_unknown_key: Hold, ..binding(1, "contact", None, None) };
        let own_creates = binding(2, "contact", None, Some("HR"));
        assert_eq!(on_unknown_key(&[any_holds, own_creates], "contact", "HR"), Create, "the source's comes first");
    }

    #[test]
    fn step_4_code_list() {
        let bound =
            |list: &str| Binding { code_list: Some(list.to_owned()), ..binding(1, "contact", Some("status"), None) };
        type Lists = &'static [&'static str];
        let cases: &[(&str, Option<Binding>, Lists, Option<&str>)] = &[
            ("the binding's", Some(bound("stage")), &["contact.status"], Some("stage")),
            ("a binding without one", Some(bound(" ")), &["contact.status"], Some("contact.status")),
            ("<table>.<field>", None, &["Contact.Status", "grade"], Some("Contact.Status")),
            ("<field>", None, &["STATUS", "account.status"], Some("STATUS")),
            ("both exist: no guess", None, &["status", "contact.status"], None),
            ("neither exists", None, &["grade"], None),
        ];
        for (case, binding, lists, expected) in cases {
            let lists: Vec<_> = lists.iter().map(|list| (*list).to_owned()).collect();
            assert_eq!(code_list(binding.as_ref(), &lists, "contact", "status"), *expected, "{case}");
        }
    }
}
