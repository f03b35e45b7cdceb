//! What a receiver gets for a canonical value: value maps read backwards, and which of them is preferred (engine.md,
//! "Outbound").

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;

use super::import_row::Fields;
use super::plan::{FieldPlan, Setup};
use super::{Error, Operation};
use crate::model::choice::OnUnmapped;
use crate::model::code::{self, Code};
use crate::rules::outbound::{self, Reverse, ReverseMap};
use crate::store::Write;

/// What a receiver gets for a canonical value.
pub(super) struct Form {
    pub text: Option<String>,
    pub map: Option<i64>,
    /// Why the value cannot go out.
    pub code: Option<&'static Code>,
}

impl Form {
    pub fn plain(value: Option<&str>) -> Form {
        Form { text: value.map(str::to_string), map: None, code: None }
    }

    pub fn held(code: &'static Code) -> Form {
        Form { text: None, map: None, code: Some(code) }
    }

    pub fn message(&self) -> Option<String> {
        self.code.map(Code::message)
    }
}

/// The forms of some values for one receiver: the plans of their fields, and their maps read backwards.
pub(super) struct Forms {
    plans: HashMap<(String, String), FieldPlan>,
    maps: HashMap<(String, String), Vec<ReverseMap>>,
    receiver: String,
}

impl Forms {
    /// Reads what (table, field, canonical value) need.
    pub fn read<'v>(
        write: &Write,
        setup: &Setup,
        receiver: &str,
        values: impl Iterator<Item = (&'v str, &'v str, Option<&'v str>)>,
    ) -> Result<Forms> {
        let mut forms = Forms { plans: HashMap::new(), maps: HashMap::new(), receiver: receiver.to_string() };
        let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (table, field, value) in values {
            let key = (table.to_string(), field.to_string());
            let plan = forms.plans.entry(key).or_insert_with(|| setup.field(table, field, receiver));
            if let (Some(list), Some(value)) = (&plan.code_list, value) {
                wanted.entry(list.clone()).or_default().insert(value);
            }
        }
        for (list, canonicals) in wanted {
            let canonicals: Vec<&str> = canonicals.into_iter().collect();
            for map in write.reverse_maps(&list, &canonicals)? {
                forms.maps.entry((list.clone(), map.canonical.clone())).or_default().push(map);
            }
        }
        Ok(forms)
    }

    pub fn of(&self, table: &str, field: &str, value: Option<&str>) -> Form {
        let plan = self.plans.get(&(table.to_string(), field.to_string()));
        let (Some(list), Some(canonical)) = (plan.and_then(|plan| plan.code_list.as_ref()), value) else {
            return Form::plain(value);
        };
        let maps = self.maps.get(&(list.clone(), canonical.to_string())).map_or(&[][..], Vec::as_slice);
        match outbound::reverse(maps, &self.receiver) {
            Reverse::Found(map) => Form { text: Some(map.code.clone()), map: Some(map.id), code: None },
            Reverse::Ambiguous => Form::held(code::AMBIGUOUS_REVERSE),
            Reverse::Missing if passes(plan) => Form::plain(value),
            Reverse::Missing => Form::held(code::NO_MAP),
        }
    }
}

/// Whether the receiver's binding lets codes without a map pass.
fn passes(plan: Option<&FieldPlan>) -> bool {
    plan.and_then(|plan| plan.binding.as_ref()).is_some_and(|binding| binding.on_unmapped == OnUnmapped::Pass)
}

impl Operation<'_, '_> {
    /// At most one map of a source may be preferred for a canonical code: (code list, source, canonical code).
    pub(super) fn check_preferred(
        &self,
        (list, source, canonical): (&str, Option<&str>, Option<&str>),
        map: Option<i64>,
        fields: &Fields,
    ) -> Result<(), Error> {
        let Some(canonical) = canonical else {
            return Err(fields.invalid("preferred", "only a map with a canonical code can be preferred.").into());
        };
        let maps = self.write.reverse_maps(list, &[canonical])?;
        let rival =
            maps.iter().find(|rival| rival.preferred && rival.source.as_deref() == source && Some(rival.id) != map);
        match rival {
            Some(rival) => {
                let problem = format!("{} is preferred for {canonical} already. Take that away first.", rival.name);
                Err(fields.invalid("preferred", problem).into())
            }
            None => Ok(()),
        }
    }
}
