//! One request on its way through the API.

use std::sync::Arc;

use super::SolarState;
use super::behaviour::Behaviour;
use super::request::{Asked, Credential};

/// A request under way.
pub(super) struct Visit {
    pub(super) state: Arc<SolarState>,
    pub(super) behaviour: Arc<Behaviour>,
    pub(super) asked: Asked,
    pub(super) credential: Credential,
}
