//! What must come of a visit, by what the server said: remediation, authenticator, message, status.

use okta_sandbox::{Facts, FactsOfAnswer, SignInPage};

/// Which API speaks to the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Identity,
    Classic,
}

impl Engine {
    pub(super) fn of(page: SignInPage) -> Self {
        match page {
            SignInPage::Classic => Self::Classic,
            _ => Self::Identity,
        }
    }

    pub(super) fn answers(self, row: &Facts) -> &[FactsOfAnswer] {
        match self {
            Self::Identity => &row.identity,
            Self::Classic => &row.classic,
        }
    }
}

/// The ends that are right, each as [`super::visit`] writes it.
pub(super) type Ends = &'static [&'static str];

/// The end of a visit that nothing stops.
pub(super) const SIGNED_IN: &str = "signed in";

pub(super) const GOES_ON: Ends = &[SIGNED_IN];
pub(super) const BLANK: Ends = &["stopped: Blank"];
const SECOND_FACTOR: Ends = &["stopped: SecondFactor"];
const ENROLMENT: Ends = &["stopped: Enrolment"];
const EXPIRED_PASSWORD: Ends = &["stopped: ExpiredPassword"];
const CONSENT: Ends = &["stopped: Consent"];
const DEVICE: Ends = &["stopped: Device"];
const PROFILE: Ends = &["stopped: Profile"];
const PROVIDER: Ends = &["stopped: Provider", "untrusted: Page"];
const ANOTHER_FORM: Ends = &["stopped: AnotherForm"];
const UNAVAILABLE: Ends = &["stopped: Unavailable"];
const NOT_ALLOWED: Ends = &["refused: NotAllowed"];
const RATE_LIMITED: Ends = &["refused: RateLimited"];
const LOCKED_OUT: Ends = &["refused: LockedOut"];
const REQUEST_EXPIRED: Ends = &["stopped: RequestExpired"];
/// Before anything was submitted nothing is a refusal of the user.
const CLOSED: Ends = &["stopped: Closed"];

/// What stops a visit to this row, and where it must end then: any of the ends is right.
///
/// Nothing: it is not stopped.
pub(super) fn stop(row: &Facts, engine: Engine) -> Option<(&FactsOfAnswer, Ends)> {
    let mut answers = engine.answers(row).iter();
    if row.is_blank {
        return answers.next().map(|answer| (answer, BLANK));
    }
    let ends = answers.map(|answer| match engine {
        Engine::Identity => (answer, identity(answer, row)),
        Engine::Classic => (answer, classic(answer)),
    });
    let mut stops = ends.filter(|(_, ends)| *ends != GOES_ON);
    stops.next()
}

fn identity(answer: &FactsOfAnswer, row: &Facts) -> Ends {
    let said = answer.messages.iter();
    let mut said = said.filter_map(|key| message(key, row, !answer.leads.is_empty()));
    said.next()
        .or_else(|| other(answer))
        .unwrap_or_else(|| form(answer, row))
}

/// What an error key says; nothing where it only tells.
fn message(key: &str, row: &Facts, leads_on: bool) -> Option<Ends> {
    let ends = match key {
        "idx.session.expired" => REQUEST_EXPIRED,
        "security.access_denied" | "security.access_denied_custom_message"
            if row.is_for_everybody =>
        {
            CLOSED
        }
        "security.access_denied"
        | "security.access_denied_custom_message"
        | "oie.assurance.unsatisfiable" => NOT_ALLOWED,
        // It is no refusal of the user, whenever it is said.
        "tooManyRequests" => RATE_LIMITED,
        // Okta says the same of a wrong password, an unknown user and a hidden lockout; where the
        // username alone was typed, no password was wrong.
        "errors.E0000004" => &["refused: UnknownUser"],
        "authfactor.challenge.suspended_factor" => LOCKED_OUT,
        "idx.error.user.not.assigned.to.app" => &["refused: NotAssigned"],
        "idx.identity.provider.auth.error" => PROVIDER,
        "idx.expired.activation.token" => ANOTHER_FORM,
        "api.authn.poll.error.push_rejected" => SECOND_FACTOR,
        "E0000009" => UNAVAILABLE,
        key if key.starts_with("idx.device_assurance.grace_period.warning") => GOES_ON,
        key if key.starts_with("idx.error.code.access_denied.device_assurance") => NOT_ALLOWED,
        // What cannot be set up for now can be left out where that is offered.
        key if key.starts_with("idx.error.server.safe.mode") && leads_on => GOES_ON,
        key if key.starts_with("idx.error.server.safe.mode") => UNAVAILABLE,
        "idx.email.verification.required" | "idx.return.to.original.tab" => ANOTHER_FORM,
        "idx.password.expiring.message" => return None,
        other => panic!("no expectation for the message `{other}`"),
    };
    Some(ends)
}

/// What an answer says that offers no form, or more than one.
fn other(answer: &FactsOfAnswer) -> Option<Ends> {
    let has = |name: &str| answer.members.contains(&name);
    Some(match answer.status {
        429 => RATE_LIMITED,
        500.. => UNAVAILABLE,
        403 if has("error") => CLOSED,
        _ if has("deviceEnrollment") => DEVICE,
        _ if has("captcha") => &["stopped: Captcha"],
        _ => return None,
    })
}

fn form(answer: &FactsOfAnswer, row: &Facts) -> Ends {
    let offers = |name: &str| answer.names.contains(&name);
    // The table's user has an app where it can be chosen.
    let means = if row.is_after_password {
        "google_otp"
    } else {
        "okta_password"
    };
    let has_means = answer.choices.contains(&means);
    let [first, ..] = answer.names[..] else {
        panic!("no expectation for an answer without a form: {answer:?}")
    };
    match first {
        "identify" | "device-challenge-poll" | "keep-me-signed-in" => GOES_ON,
        "reenroll-authenticator-warning"
        | "reenroll-custom-password-expiry-warning"
        | "enroll-authenticator-promotion"
        | "select-authenticator-enroll"
            if offers("skip") =>
        {
            GOES_ON
        }
        "profile-update" if offers("skip") && !answer.has_required_field => GOES_ON,
        "profile-update" => PROFILE,
        // Another method than the one that is asked for can be switched to.
        "select-authenticator-authenticate"
        | "challenge-authenticator"
        | "challenge-poll"
        | "authenticator-verification-data"
            if has_means =>
        {
            GOES_ON
        }
        "select-authenticator-authenticate" => SECOND_FACTOR,
        "challenge-authenticator" | "challenge-poll" | "authenticator-verification-data" => {
            if answer.methods == ["signed_nonce"] {
                DEVICE
            } else {
                SECOND_FACTOR
            }
        }
        // A button leads to it, or the page goes there by itself.
        "redirect-idp" if answer.key.is_some() => &[
            "stopped: SecondFactor",
            "stopped: Provider",
            "untrusted: Page",
        ],
        "redirect-idp" | "redirect-idverify" => PROVIDER,
        "launch-authenticator" => DEVICE,
        "poll" => UNAVAILABLE,
        "enroll-profile" | "identify-recovery" | "select-authenticator-unlock-account" => {
            ANOTHER_FORM
        }
        "consent" | "granular-consent" | "admin-consent" => CONSENT,
        "email-challenge-consent" | "reset-authenticator" => ANOTHER_FORM,
        "enroll-authenticator"
        | "enroll-poll"
        | "authenticator-enrollment-data"
        | "select-authenticator-enroll" => ENROLMENT,
        "reenroll-authenticator" | "reenroll-custom-password-expiry" => EXPIRED_PASSWORD,
        other => panic!("no expectation for the remediation `{other}`"),
    }
}

/// By the status or the error code.
fn classic(answer: &FactsOfAnswer) -> Ends {
    match answer.names[0] {
        "PASSWORD_WARN" => GOES_ON,
        "MFA_REQUIRED" | "RECOVERY" => SECOND_FACTOR,
        "MFA_ENROLL" => ENROLMENT,
        "PASSWORD_EXPIRED" => EXPIRED_PASSWORD,
        "PASSWORD_RESET" | "RECOVERY_CHALLENGE" => ANOTHER_FORM,
        "PROFILE_REQUIRED" => PROFILE,
        "CONSENT_REQUIRED" | "ADMIN_CONSENT_REQUIRED" => CONSENT,
        "LOCKED_OUT" | "E0000069" => LOCKED_OUT,
        "E0000004" => &["refused: Credentials"],
        "E0000047" => RATE_LIMITED,
        "E0000006" => NOT_ALLOWED,
        "E0000011" => REQUEST_EXPIRED,
        "E0000009" => UNAVAILABLE,
        other => panic!("no expectation for the status `{other}`"),
    }
}
