//! What a sandbox org can be, where real orgs differ or are not known well enough.

/// A choice with a fixed set of values.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name { $($(#[$value_doc])* $value,)+ }
    };
}

choice! {
    /// What a user sees who is not assigned to the application.
    NotAssigned {
        /// The browser is redirected back with `access_denied`.
        #[default]
        Redirect,
        /// The sign-in page says so and there is no redirect (Identity Engine).
        SignInPage,
    }
}

choice! {
    /// Whether a rule must list `openid`, `profile`, … to grant them.
    OpenIdConnectScopes {
        /// A rule grants only what it lists.
        #[default]
        MustBeInRule,
        /// A rule grants them without listing them.
        AlwaysGranted,
    }
}

choice! {
    /// When a scope that the server does not have is refused.
    UnknownScope {
        /// At once.
        #[default]
        BeforeSignIn,
        /// When the user has signed in.
        AfterSignIn,
    }
}

choice! {
    /// Which of the two known templates Okta's own 400 page has.
    ErrorPage {
        /// The older one, with an error code and a description.
        #[default]
        Classic,
        /// The one that brands can change.
        Themed,
    }
}

choice! {
    /// Which of the known texts a denial by policy carries.
    Denial {
        /// "Policy evaluation failed for this request, …"
        #[default]
        NoMatchingPolicy,
        /// "Some of the requested scopes were denied by the policy. …"
        ScopeDenied,
    }
}

/// The page a user signs in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum SignInPage {
    /// A small page in the shape of the third generation of Okta's widget.
    #[default]
    Builtin,
}

/// Everything about an org that can be chosen.
#[derive(Debug, Clone)]
pub struct Options {
    /// What a user sees who is not assigned to the application.
    pub not_assigned: NotAssigned,
    /// Whether a rule must list `openid`, `profile`, … to grant them.
    pub openid_connect_scopes: OpenIdConnectScopes,
    /// When a scope that the server does not have is refused.
    pub unknown_scope: UnknownScope,
    /// The template of Okta's own 400 page.
    pub error_page: ErrorPage,
    /// The text of a denial by policy.
    pub denial: Denial,
    /// Whether the org has API Access Management; without it there are no authorization servers.
    pub api_access_management: bool,
    /// How many Management API calls a minute each kind of object allows; free orgs allow 50.
    pub rate_limit_per_minute: u32,
    /// How long such a minute is, in seconds: tests that wait for its end make it shorter.
    pub rate_limit_window_seconds: u32,
    /// How many wrong passwords lock a user out.
    pub lockout_after: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            not_assigned: NotAssigned::default(),
            openid_connect_scopes: OpenIdConnectScopes::default(),
            unknown_scope: UnknownScope::default(),
            error_page: ErrorPage::default(),
            denial: Denial::default(),
            api_access_management: true,
            rate_limit_per_minute: 600,
            rate_limit_window_seconds: 60,
            lockout_after: 10,
        }
    }
}
