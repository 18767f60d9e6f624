//! A page of an origin that is not trusted: nothing is done on it and nothing of it is believed; it
//! is only seen whether it leads on by itself.

use super::error::BrowserError;
use super::hearing::{Heard, Hearing, Standing};
use super::page::Page;
use super::session::Session;
use super::understanding::{STILL_KNOWN, STILL_SCRIPTED, STILL_UNKNOWN};
use crate::origin::TrustedOrigins;

/// The pages of a visit that are elsewhere.
#[derive(Debug)]
pub(super) struct Abroad {
    standing: Standing,
    hearing: Hearing,
}

impl Abroad {
    pub(super) fn new() -> Self {
        Self {
            standing: Standing::new(),
            hearing: Hearing::default(),
        }
    }

    /// Whether nothing will come of waiting: it asks for something, it failed, or it stands still
    /// with nothing under way. One that has a button waits for somebody to press it; another may
    /// have a script that takes its time.
    pub(super) async fn is_the_end(
        &mut self,
        session: &mut Session,
        page: &Page,
    ) -> Result<bool, BrowserError> {
        if page.is_at_an_end() {
            return Ok(true);
        }
        self.standing.take(page);
        let wait = if page.can_be_pressed {
            STILL_UNKNOWN
        } else {
            STILL_SCRIPTED
        };
        let stands = page.loaded && !page.busy && !page.blank;
        let is_due = self.standing.for_how_long() >= wait;
        if !stands || !is_due || !self.hearing.is_due(&self.standing, false) {
            return Ok(false);
        }
        let nobody = TrustedOrigins::default();
        let hearing = self.hearing.hear(session, page, &self.standing, &nobody);
        let heard = hearing.await?;
        let is_at_rest = match heard {
            Heard::Nothing { under_way, .. } => !under_way,
            // What is under way cannot be seen: a script may take its time whatever the page shows.
            Heard::Deaf => self.standing.for_how_long() >= STILL_SCRIPTED,
            Heard::Pending | Heard::Broken(_) | Heard::Answer { .. } => false,
        };
        Ok(is_at_rest && self.hearing.quiet_for() >= STILL_KNOWN)
    }
}
