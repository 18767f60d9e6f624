//! What the handlers of one org share.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::Value;

use super::org::Org;
use super::rate_limit::RateLimits;
use super::runtime::Runtime;
use crate::fault::Fault;
use crate::keys::KeyRing;
use crate::options::{Options, SignInPage};

/// The length of an API token after its leading `00`.
const API_TOKEN_TAIL: usize = 40;

/// How far ahead a skewed clock is, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 600;

/// One org and everything around it; handlers get it in an `Arc`.
pub(crate) struct AppState {
    /// What the org takes for its address, without a slash at the end.
    pub(crate) base_url: String,
    /// A second address of the org, without a slash at the end.
    pub(crate) custom_domain: Option<String>,
    /// The token that `Authorization: SSWS …` must carry.
    pub(crate) api_token: String,
    pub(crate) options: Options,
    pub(crate) sign_in_page: SignInPage,
    /// The folder with Okta's own widget.
    pub(crate) widget: Option<PathBuf>,
    pub(crate) keys: KeyRing,
    pub(crate) rate_limits: RateLimits,
    org: Mutex<Org>,
    runtime: Mutex<Runtime>,
    fault: Mutex<Option<Fault>>,
    hidden: Mutex<HashSet<String>>,
    shown: Mutex<HashMap<String, Showing>>,
    refused: Mutex<HashSet<String>>,
}

/// What an object is made to look like in answers to reads.
pub(crate) type Showing = Box<dyn Fn(&mut Value) + Send + Sync>;

impl AppState {
    pub(crate) fn new(
        base_url: String,
        custom_domain: Option<String>,
        options: Options,
        sign_in_page: SignInPage,
        widget: Option<PathBuf>,
        fault: Option<Fault>,
    ) -> Self {
        let mut org = Org::new(Timestamp::now(), &base_url);
        if sign_in_page != SignInPage::Classic {
            org = org.on_identity_engine(options.default_sign_in_policy);
        }
        Self {
            base_url,
            custom_domain,
            api_token: new_api_token(),
            options,
            sign_in_page,
            widget,
            keys: KeyRing::default(),
            rate_limits: RateLimits::default(),
            org: Mutex::new(org),
            runtime: Mutex::new(Runtime::default()),
            fault: Mutex::new(fault),
            hidden: Mutex::default(),
            shown: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// The address in an issuer of this mode, in the answer to a request for `host`: the custom
    /// domain, where the org has one and the mode asks for it.
    pub(crate) fn address(&self, mode: &str, host: &str) -> &str {
        let custom = self.custom_domain.as_deref().filter(|custom| match mode {
            "CUSTOM_URL" => true,
            "DYNAMIC" => custom.split_once("://").is_some_and(|(_, own)| own == host),
            _ => false,
        });
        custom.unwrap_or(&self.base_url)
    }

    /// Goes on with an org that there was before.
    pub(crate) fn resuming(mut self, org: Org, api_token: String) -> Self {
        self.org = Mutex::new(org);
        self.api_token = api_token;
        self
    }

    /// The org; never to be held across an await.
    pub(crate) fn org(&self) -> MutexGuard<'_, Org> {
        locked(&self.org)
    }

    /// What the org remembers of sign-ins; locked after the org, never before it.
    pub(crate) fn runtime(&self) -> MutexGuard<'_, Runtime> {
        locked(&self.runtime)
    }

    /// What is wrong with the org at the moment.
    pub(crate) fn fault(&self) -> Option<Fault> {
        *locked(&self.fault)
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        *locked(&self.fault) = fault;
        self.runtime().forget_faults();
    }

    /// The paths below `/api/v1/` that the administrator of the API token is refused to read.
    pub(crate) fn refused(&self) -> MutexGuard<'_, HashSet<String>> {
        locked(&self.refused)
    }

    /// The ids of what the administrator of the API token may not see.
    pub(crate) fn hidden(&self) -> MutexGuard<'_, HashSet<String>> {
        locked(&self.hidden)
    }

    /// What is shown otherwise than it is, by its path below `/api/v1/`.
    pub(crate) fn shown(&self) -> MutexGuard<'_, HashMap<String, Showing>> {
        locked(&self.shown)
    }

    /// The org's clock, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let skew = match self.fault() {
            Some(Fault::ClockSkew) => CLOCK_SKEW_SECONDS,
            _ => 0,
        };
        Timestamp::now().as_second() + skew
    }
}

/// The guarded value; after a panic elsewhere it is as good as before, being plain data.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_api_token() -> String {
    let random = rand::rng().sample_iter(Alphanumeric).take(API_TOKEN_TAIL);
    "00".chars().chain(random.map(char::from)).collect()
}
