//! The browser, against pages in the shapes of Okta's sign-in widget.

mod another_provider;
mod finding;
mod firefox;
mod grid;
mod hygiene;
mod isolation;
mod keys;
mod lost;
mod org;
mod providers;
mod redirect;
mod remote;
mod shared;
mod sign_in;
mod stops;
mod traces;
mod trust;
mod unseen;
mod widget;
