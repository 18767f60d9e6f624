//! Every way a sign-in can go, on the builtin page and on the three of Okta's own widget.
//!
//! The widget is no part of this project: `scripts/install-widget` brings it, and where it is not
//! there these cases are ignored, with the reason.

mod main_job;
mod names;
mod passkeys;
mod place;
mod scenario;
mod table;
mod two_factors;
mod variation;
