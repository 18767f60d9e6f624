//! The sandbox over HTTP, as any client meets it.

mod browser;
mod floors;
mod kept;
mod keys;
mod management;
mod oauth;
mod parity;
mod provision;
mod public_url;
mod solar;
mod start;
mod tls;
mod world;
