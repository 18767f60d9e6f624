//! The sandbox over HTTP, as any client meets it.

mod browser;
mod floors;
mod keys;
mod management;
mod oauth;
mod provision;
mod public_url;
mod solar;
mod start;
mod world;
