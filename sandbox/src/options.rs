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

choice! {
    /// What the first page of Identity Engine asks for.
    FirstPage {
        /// The username; the password comes on a page of its own.
        #[default]
        Identifier,
        /// Username and password.
        IdentifierAndPassword,
    }
}

choice! {
    /// What the default app sign-in policy asks for, which new applications of Identity Engine
    /// have.
    DefaultSignInPolicy {
        /// A password and nothing else.
        #[default]
        PasswordAlone,
        /// Any two factors, as in new orgs: whoever has no second one must set it up.
        AnyTwoFactors,
    }
}

choice! {
    /// Whether the page of Classic Engine tells that a user is locked out.
    Lockout {
        /// It says no more than of a wrong password, Okta's default.
        #[default]
        Hidden,
        /// It says so.
        Told,
    }
}

/// The language of the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    #[value(name = "en")]
    English,
    /// German, in the words of Okta's widget.
    #[value(name = "de")]
    German,
    /// Japanese, in the words of Okta's widget.
    #[value(name = "ja")]
    Japanese,
    /// Portuguese, in the words of Okta's widget.
    #[value(name = "pt-BR")]
    Portuguese,
    /// Arabic, from right to left: the widget has no words for it, so a brand's own.
    #[value(name = "ar")]
    Arabic,
    /// What the browser asks for, as the widget chooses where no language is set (its README,
    /// `language`); the server's texts are in English.
    #[value(name = "browser")]
    OfTheBrowser,
}

impl Language {
    /// Its code, as the widget takes it; empty where the browser's is chosen.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Japanese => "ja",
            Self::Portuguese => "pt-BR",
            Self::Arabic => "ar",
            Self::OfTheBrowser => "",
        }
    }

    /// A text of the server, which is written in English here: in another language a sentence that
    /// stands for it, since Okta's own are not recorded.
    pub(crate) const fn server_text(self, english: &str) -> &str {
        match self {
            Self::English | Self::OfTheBrowser => english,
            Self::German => "Das ist zurzeit nicht möglich.",
            Self::Japanese => "現在この操作は行えません。",
            Self::Portuguese => "Isso não é possível no momento.",
            Self::Arabic => "لا يمكن ذلك الآن.",
        }
    }
}

choice! {
    /// What a brand has made of the sign-in page.
    Look {
        /// Okta's default page.
        #[default]
        Plain,
        /// Labels and error texts are the brand's own.
        OwnWords,
        /// The widget is in a page with banners, frames, another form and a heading of its own.
        Surrounded,
    }
}

/// The page a user signs in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, clap::ValueEnum)]
pub enum SignInPage {
    /// A small page in the shape of the third generation of Okta's widget.
    #[default]
    Builtin,
    /// Okta's own widget, as Classic Engine serves it.
    Classic,
    /// Okta's own widget of the second generation, on Identity Engine.
    Gen2,
    /// Okta's own widget of the third generation, on Identity Engine.
    Gen3,
}

/// What a user meets on the way in that no call of the Management API brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detour {
    /// The sign-on policy does not let the user in.
    AccessDenied,
    /// There were too many attempts.
    RateLimited,
    /// The sign-in has taken too long.
    Expired,
    /// The password expires in four days.
    ExpiryWarning,
    /// One of several second factors is to be chosen; Classic Engine has chosen already.
    Choice,
    /// A code of an authenticator app is asked for: see [`crate::Sandbox::enrol_totp`].
    Code,
    /// A passkey is asked for, which the Management API enrolls (Identity Engine).
    Passkey,
    /// A passkey is asked for in place of the password (Identity Engine).
    PasskeyAlone,
    /// Security methods may be set up.
    OptionalEnrolment,
    /// Security methods must be set up.
    Enrolment,
    /// A page that nobody knows.
    UnknownPage,
    /// "Keep me signed in" is a page of its own, which Classic Engine does not have.
    KeepMeSignedIn,
}

impl Detour {
    /// What comes after the password, in the order it comes.
    pub(crate) const AFTER_PASSWORD: [Self; 8] = [
        Self::ExpiryWarning,
        Self::Choice,
        Self::Code,
        Self::Passkey,
        Self::OptionalEnrolment,
        Self::Enrolment,
        Self::UnknownPage,
        Self::KeepMeSignedIn,
    ];
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
    /// What the first page of Identity Engine asks for.
    pub first_page: FirstPage,
    /// Whether the page of Classic Engine tells that a user is locked out.
    pub lockout: Lockout,
    /// What the default app sign-in policy of Identity Engine asks for.
    pub default_sign_in_policy: DefaultSignInPolicy,
    /// The language of the sign-in page.
    pub language: Language,
    /// What a brand has made of it.
    pub look: Look,
    /// Whether what happens on the page is kept, for [`crate::Sandbox::take_events`]. What is typed
    /// and clicked is reported by a script of the page.
    pub watches_sign_in: bool,
    /// Whether an API token may follow `SSWS` without a blank, as okta/okta-sdk-python sends it.
    /// That Okta takes it so is not documented: nobody would use that library otherwise.
    pub ssws_without_blank: bool,
    /// How many authorize requests a minute are answered for one client and browser; Okta's
    /// documents say 60. Without a number all are.
    pub authorize_per_minute: Option<u32>,
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
            first_page: FirstPage::default(),
            lockout: Lockout::default(),
            default_sign_in_policy: DefaultSignInPolicy::default(),
            language: Language::default(),
            look: Look::default(),
            watches_sign_in: false,
            ssws_without_blank: false,
            authorize_per_minute: None,
        }
    }
}
