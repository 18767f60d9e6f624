//! A redirect to an app on the device (RFC 8252 section 7.1): no browser goes there by itself, and
//! its log has where it was sent.

use url::Url;

use super::super::address::same_place;
use super::super::error::BrowserError;
use super::Session;

impl Session {
    /// That the browser shows where it is sent, if that is an app.
    ///
    /// # Errors
    /// [`BrowserError::RedirectScheme`] where it does not.
    pub(in crate::browser) fn check_app(&self, redirect_uri: &Url) -> Result<(), BrowserError> {
        if is_of_web(redirect_uri) || self.sees_by_itself() {
            return Ok(());
        }
        Err(BrowserError::RedirectScheme {
            scheme: redirect_uri.scheme().to_owned(),
        })
    }

    /// Where the browser was sent, once that is an app; it is told once, so that no later visit
    /// takes it for its own.
    pub(in crate::browser) async fn sent_to_app(
        &mut self,
        redirect_uri: &Url,
    ) -> Result<Option<Url>, BrowserError> {
        if is_of_web(redirect_uri) {
            return Ok(None);
        }
        self.read_log().await?;
        Ok(self.traffic.take_page(|url| same_place(url, redirect_uri)))
    }
}

fn is_of_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}
