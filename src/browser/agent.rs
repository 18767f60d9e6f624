//! What the suite asks of a user agent: to be lent to one user, and to follow a visit to its end.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use url::Url;

use super::error::BrowserError;
use super::landing::{Landing, Visit};
use super::pool::{Browsers, UserBrowser};
use crate::openid::CarriedSession;

/// User agents, each lent to one user at a time with nothing in it of any user before.
pub trait UserAgents: Sync {
    /// What they are, with versions.
    fn description(&self) -> &str;

    /// A user agent for one user; waits until one is free.
    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>>;

    /// Ends what only waits to be lent: for long there will be no user, and perhaps none at all.
    fn rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// The user agent of one user.
pub trait UserAgent: Send {
    /// Follows a visit to its end; later visits share the cookies of earlier ones.
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>>;

    /// How many passwords it has submitted, whatever came of them.
    fn passwords_submitted(&self) -> usize;

    /// The origins that are not trusted to which a page sent what was typed into it; none where
    /// that cannot be told.
    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>>;

    /// To whom pages sent something that cannot be read once a secret was typed, and whose workers
    /// may have.
    fn unread(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// The session that its user has at an address; none where it cannot be carried.
    fn session_at<'a>(&'a mut self, _at: &'a Url) -> BoxFuture<'a, Option<CarriedSession>> {
        Box::pin(async { None })
    }
}

impl UserAgents for Browsers {
    fn description(&self) -> &str {
        Self::description(self)
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        Box::pin(async {
            let browser = self.user().await?;
            Ok(Box::new(browser) as Box<dyn UserAgent + '_>)
        })
    }

    fn rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(Self::rest(self))
    }
}

impl UserAgent for UserBrowser<'_> {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        Box::pin(UserBrowser::authorize(self, visit))
    }
    fn passwords_submitted(&self) -> usize {
        UserBrowser::passwords_submitted(self)
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        UserBrowser::sent_elsewhere(self)
    }

    fn unread(&self) -> BTreeSet<String> {
        UserBrowser::unread(self).clone()
    }

    fn session_at<'a>(&'a mut self, at: &'a Url) -> BoxFuture<'a, Option<CarriedSession>> {
        Box::pin(UserBrowser::session_at(self, at))
    }
}
