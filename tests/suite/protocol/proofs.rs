//! What turns each row red.

use std::collections::{BTreeMap, BTreeSet};

use okta_e2e::exchange::Row;
use serde::Deserialize;

use crate::support::world::file;

/// `fixtures/protocol-proofs.toml`: what turns each row red.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Proofs {
    /// The rows that each fault of the sandbox turns red, and no others.
    pub(super) faults: BTreeMap<String, BTreeSet<String>>,
    /// What another model is needed for: the fault that is tried with it.
    #[serde(default)]
    pub(super) with_pkce: BTreeMap<String, BTreeSet<String>>,
    /// The same of a model that has service clients.
    pub(super) with_service: BTreeMap<String, BTreeSet<String>>,
    /// What `full` alone asks: the rows of it that each fault turns red.
    pub(super) full: BTreeMap<String, BTreeSet<String>>,
    /// What a server in front of the org that answers otherwise turns red.
    #[serde(default)]
    pub(crate) variations: BTreeMap<String, BTreeSet<String>>,
}

impl Proofs {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(file("fixtures/protocol-proofs.toml")).expect("a file");
        toml::from_str(&text).unwrap_or_else(|error| panic!("protocol-proofs.toml: {error}"))
    }

    pub(super) fn of(&self, row: &Row) -> BTreeSet<&str> {
        let naming = self.faults.iter().chain(&self.with_pkce);
        let naming = naming.chain(&self.with_service);
        let naming = naming.chain(&self.full).chain(&self.variations);
        let naming = naming.filter(|(_, rows)| rows.contains(&row.id));
        naming.map(|(fault, _)| fault.as_str()).collect()
    }
}
