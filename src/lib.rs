//! End-to-end verification of an Okta org that protects an API.

mod blame;
pub mod browser;
pub mod clock;
mod code;
pub mod config;
pub mod console;
pub mod escape;
pub mod exchange;
pub mod from_org;
pub mod judgement;
pub mod management;
pub mod model;
pub mod observation;
pub mod openid;
pub mod origin;
pub mod progress;
pub mod provisioning;
pub mod report;
pub mod requirements;
pub mod secrets;
pub mod selection;
mod severity;
pub mod temporary;
pub mod text_file;
pub mod totp;
mod transport;
pub mod verification;
