//! The solar-system API: who gets in, who does not, and how its faults look.

mod faults;
mod issuer;
mod tokens;
