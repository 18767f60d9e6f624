//! The sandbox over HTTP, as any client meets it.

mod management;
mod solar;
mod start;
