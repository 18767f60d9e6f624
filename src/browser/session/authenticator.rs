//! The passkey that a browser holds for its user, in a virtual authenticator of `WebDriver` (Web
//! Authentication Level 2, section 11), which a page cannot tell from one of the machine.
//!
//! The browser itself lets no page of another host use it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::extension::Extension;
use super::{COMMAND_TIMEOUT, Session};
use crate::browser::error::BrowserError;
use crate::browser::page::Key;
use crate::passkey::Passkey;

const PLACE: &str = "webauthn/authenticator";

/// What a browser holds of its user.
#[derive(Debug)]
pub(super) enum Held {
    /// Nothing.
    Nothing,
    /// The user's passkey, in an authenticator.
    Passkey(Box<Holding>),
    /// The driver has no virtual authenticators.
    Refused,
}

/// A passkey in a virtual authenticator.
#[derive(Debug)]
pub(super) struct Holding {
    passkey: Passkey,
    /// The authenticator's id.
    id: String,
    /// The count of its last signature before the visit.
    count: u64,
}

impl Session {
    /// Lets the browser hold this passkey alone, or none: until the next visit.
    ///
    /// A driver that has no virtual authenticators is no reason not to sign in: the page may not
    /// ask for a passkey.
    pub(in crate::browser) async fn hold(
        &mut self,
        passkey: Option<&Passkey>,
    ) -> Result<(), BrowserError> {
        self.note_count().await?;
        match (passkey, &self.held) {
            (None, Held::Passkey(holding)) => {
                self.remove(&holding.id).await?;
                self.held = Held::Nothing;
            }
            (None, _) => self.held = Held::Nothing,
            (Some(passkey), Held::Nothing) => self.held = self.added(passkey).await?,
            // A session is lent to one user, who has one passkey.
            (Some(_), _) => {}
        }
        self.note_count().await
    }

    /// Whether the user has a passkey, and the browser holds it.
    pub(in crate::browser) const fn key(&self) -> Key {
        match self.held {
            Held::Nothing => Key::None,
            Held::Passkey(_) => Key::Held,
            Held::Refused => Key::Refused,
        }
    }

    /// Whether the passkey has signed since the visit began, which is noted: the next browser of
    /// its user may begin before this one is given back.
    pub(in crate::browser) async fn used_passkey(&self) -> bool {
        let Held::Passkey(holding) = &self.held else {
            return false;
        };
        let now = self.count(holding).await.unwrap_or_default();
        holding.passkey.note_count(now);
        now > holding.count
    }

    async fn added(&self, passkey: &Passkey) -> Result<Held, BrowserError> {
        match self.add(passkey).await {
            Ok(id) => Ok(Held::Passkey(Box::new(Holding {
                passkey: passkey.clone(),
                id,
                count: 0,
            }))),
            Err(BrowserError::Command { .. }) => Ok(Held::Refused),
            Err(error) => Err(error),
        }
    }

    /// Adds an authenticator of the machine that has asked its user, and the passkey to it.
    async fn add(&self, passkey: &Passkey) -> Result<String, BrowserError> {
        let kind = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        let add = Extension::post(PLACE, kind);
        let id = self.command("adding an authenticator", add).await?;
        let id = id.as_str().unwrap_or_default().to_owned();
        let credential = passkey.credential(Timestamp::now());
        let add = Extension::post(&format!("{PLACE}/{id}/credential"), credential);
        let added = self.command("adding a passkey", add).await;
        if added.is_err() {
            self.remove(&id).await?;
        }
        added.map(|_| id)
    }

    async fn remove(&self, id: &str) -> Result<(), BrowserError> {
        let remove = Extension::delete(&format!("{PLACE}/{id}"));
        self.command("taking a passkey away", remove)
            .await
            .map(drop)
    }

    async fn note_count(&mut self) -> Result<(), BrowserError> {
        if let Held::Passkey(holding) = &self.held {
            let now = self.count(holding).await?;
            holding.passkey.note_count(now);
            if let Held::Passkey(holding) = &mut self.held {
                holding.count = now;
            }
        }
        Ok(())
    }

    /// The count of the passkey's last signature.
    async fn count(&self, holding: &Holding) -> Result<u64, BrowserError> {
        let list = Extension::get(&format!("{PLACE}/{}/credentials", holding.id));
        let credentials = self.command("counting signatures", list).await?;
        let count = credentials.pointer("/0/signCount").and_then(Value::as_u64);
        Ok(count.unwrap_or_default())
    }

    async fn command(
        &self,
        doing: &'static str,
        command: Extension,
    ) -> Result<Value, BrowserError> {
        let answer = self.client.issue_cmd(command);
        self.run(doing, COMMAND_TIMEOUT, answer).await
    }
}
