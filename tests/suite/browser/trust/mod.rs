//! What is typed goes to trusted origins, into the sign-in form's own fields, and nowhere else.

pub(super) mod hostile;
mod other_forms;
mod other_pages;
mod picture;
mod places;
mod sent;
