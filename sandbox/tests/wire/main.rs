//! The sandbox over HTTP, as any client meets it.

mod start;
