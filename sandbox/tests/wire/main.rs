//! The sandbox over HTTP, as any client meets it.

mod browser;
mod floors;
mod management;
mod oauth;
mod provision;
mod solar;
mod start;
mod world;
