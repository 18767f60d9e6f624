//! The solar-system API: who gets in, who does not, and how its faults look.

mod faults;
mod flaky;
mod issuer;
mod tokens;
