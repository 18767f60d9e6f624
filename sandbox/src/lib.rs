//! An Okta org in one process, on loopback, for anyone's tests.

mod keys;
mod org;
