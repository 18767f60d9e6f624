//! Gathers what the browser shows, each part on its own, since any may fail.

use std::future::Future;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::account::Account;
use super::error::BrowserError;
use super::evidence::{Evidence, redacted};
use super::session::Session;
use super::typed::Typed;

/// How long the texts of a page may take: one that is kept busy tells none.
const TEXT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a picture may take. A browser draws nothing while its machine is busy with others; a
/// page that is kept busy has told no text before, and is given no more than that.
const PICTURE_TIMEOUT: Duration = Duration::from_secs(10);

/// What the browser shows, without anything that was typed.
pub(super) async fn gather(session: &Session, account: &Account) -> Evidence {
    let typed = &account.typed;
    let url = within(TEXT_TIMEOUT, session.current_url()).await;
    let shown = within(TEXT_TIMEOUT, session.act("shows", Value::Null)).await;
    let limit = shown.as_ref().map_or(TEXT_TIMEOUT, |_| PICTURE_TIMEOUT);
    let shown = shown.unwrap_or_default();
    let part = |name| shown.get(name).and_then(Value::as_str).unwrap_or_default();
    let picture = timeout(limit, picture(session, typed)).await;
    let picture = picture.unwrap_or(Err("the browser drew none in time"));
    Evidence {
        url: url.as_ref().map(redacted).unwrap_or_default(),
        title: typed.hide(part("title")),
        text: typed
            .hide(part("text"))
            .chars()
            .take(Evidence::TEXT_CHARS)
            .collect(),
        said_since: typed.hide(&account.said_since(part("text"))),
        left_out: picture.as_ref().err().copied(),
        screenshot_png: picture.ok(),
    }
}

/// A picture of the page, taken once nothing on it is what was typed, or why there is none.
///
/// What is compared is compared here: a page is never handed a secret to look for.
async fn picture(session: &Session, typed: &Typed) -> Result<Vec<u8>, &'static str> {
    const UNREADABLE: &str = "its texts could not be looked through for what was typed";
    const VISIBLE: &str = "it shows what was typed, and could not be kept from it";
    let unreadable = |_: BrowserError| UNREADABLE;
    let texts = session
        .act("drawn", Value::Null)
        .await
        .map_err(unreadable)?;
    let texts: Vec<String> = serde_json::from_value(texts).map_err(|_| UNREADABLE)?;
    let masks = typed.masks(&texts).ok_or(VISIBLE)?;
    let masked = session
        .act("mask", json!(masks))
        .await
        .map_err(unreadable)?;
    if masked != json!(true) {
        return Err(VISIBLE);
    }
    let png = session.screenshot().await;
    let png = png.map_err(|_| "the browser failed to take one")?;
    // A page may have drawn itself anew, or with what no text of it says.
    let laid_out = session.laid_out().await.map_err(unreadable)?;
    let texts = match laid_out {
        Some(texts) => texts,
        None => serde_json::from_value(
            session
                .act("drawn", Value::Null)
                .await
                .map_err(unreadable)?,
        )
        .map_err(|_| UNREADABLE)?,
    };
    let is_visible = typed.is_in(&texts.concat()) || texts.iter().any(|text| typed.is_in(text));
    if is_visible { Err(VISIBLE) } else { Ok(png) }
}

async fn within<T>(
    limit: Duration,
    part: impl Future<Output = Result<T, BrowserError>>,
) -> Option<T> {
    timeout(limit, part).await.ok()?.ok()
}
