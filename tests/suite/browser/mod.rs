//! The browser, against pages in the shapes of Okta's sign-in widget.

mod after_the_password;
mod another_provider;
mod ends;
mod finding;
mod firefox;
mod grid;
mod hygiene;
mod isolation;
mod keys;
mod known_forms;
mod left_alone;
mod lost;
mod odd_pages;
mod org;
mod other_kinds;
mod other_makes;
mod providers;
mod redirect;
pub(crate) mod remote;
mod shared;
mod sign_in;
mod stops;
mod traces;
mod trust;
mod unseen;
mod widget;
