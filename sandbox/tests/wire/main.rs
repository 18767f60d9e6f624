//! The sandbox over HTTP, as any client meets it.

mod browser;
mod oauth;
mod provision;
mod start;
mod world;
