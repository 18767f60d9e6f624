//! The suite's proof of itself.

mod browser;
