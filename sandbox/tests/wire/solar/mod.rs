//! The solar-system API: who gets in, who does not, and how its faults look.

mod attack;
mod endpoints;
mod faults;
mod flaky;
mod issuer;
mod raw;
mod remembered;
mod tokens;
mod weak;
mod weak_comparisons;
mod weak_places;
mod weak_requests;
mod weak_scopes;
mod weak_twice;
