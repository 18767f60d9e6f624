//! Redirects that are seen by the browser's log alone: to an app on the device (RFC 8252 section
//! 7.1), where no browser goes by itself, and to a page of the org's own host, which the browser
//! reaches and which may lead on at once.

use url::Url;

use super::super::error::BrowserError;
use super::Session;

impl Session {
    /// Looks out for the redirect URI in the log, where that is needed: for an app, or where the
    /// browser is not kept from what is there.
    ///
    /// # Errors
    /// [`BrowserError::RedirectScheme`] where it is an app's, and the browser does not show it.
    pub(in crate::browser) async fn look_out_for(
        &mut self,
        redirect_uri: &Url,
        is_shielded: bool,
    ) -> Result<(), BrowserError> {
        let is_of_web = matches!(redirect_uri.scheme(), "http" | "https");
        self.looks_out = self.sees_by_itself() && !(is_of_web && is_shielded);
        if self.looks_out {
            // What an earlier visit led to is none of this one.
            self.read_log().await?;
            self.traffic.await_page(redirect_uri);
        }
        if is_of_web || self.looks_out {
            return Ok(());
        }
        Err(BrowserError::RedirectScheme {
            scheme: redirect_uri.scheme().to_owned(),
        })
    }

    /// Where the browser was sent, once that is the redirect URI that was looked out for.
    pub(in crate::browser) async fn arrival(&mut self) -> Result<Option<Url>, BrowserError> {
        if !self.looks_out {
            return Ok(None);
        }
        self.read_log().await?;
        Ok(self.traffic.take_arrival())
    }
}
