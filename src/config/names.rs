//! The names of all variables that a run reads, and what a name near one of them was meant to be.

use strsim::osa_distance;

/// A variable that a run reads.
pub(super) struct Known {
    pub(super) name: &'static str,
    /// Whether it names a real org: set without an issuer it is a mistake, not a sandbox.
    names_an_org: bool,
}

const fn org(name: &'static str) -> Known {
    Known {
        name,
        names_an_org: true,
    }
}

const fn run(name: &'static str) -> Known {
    Known {
        name,
        names_an_org: false,
    }
}

pub(super) const ISSUER: &str = "OKTA_OAUTH2_ISSUER";

/// The private key of an issuer of one's own.
pub(super) const TRUSTED_KEY: &str = "OKTA_E2E_TRUSTED_KEY";

/// Certificates of authorities that the platform does not trust.
pub(super) const CERTIFICATES: &str = "SSL_CERT_FILE";

/// OAuth 2.0 for Okta's Management API: names that are kept for it, and that nothing uses yet.
pub(super) const NOT_YET: [&str; 3] = [
    "OKTA_CLIENT_CLIENTID",
    "OKTA_CLIENT_PRIVATEKEY",
    "OKTA_CLIENT_PRIVATEKEY_ID",
];

/// Every variable but those of the test users; `.env.example` holds each that is used.
pub(super) const KNOWN: [Known; 23] = [
    org(ISSUER),
    org("OKTA_OAUTH2_CLIENT_ID"),
    org("OKTA_OAUTH2_CLIENT_SECRET"),
    org("OKTA_OAUTH2_REDIRECT_URI"),
    org("OKTA_OAUTH2_AUDIENCE"),
    org("OKTA_CLIENT_ORGURL"),
    org("OKTA_CLIENT_TOKEN"),
    org(NOT_YET[0]),
    org(NOT_YET[1]),
    org(NOT_YET[2]),
    org("RESOURCE_SERVER_URL"),
    org(TRUSTED_KEY),
    org("OKTA_E2E_PROBE_ISSUER"),
    org("OKTA_E2E_PROBE_AUDIENCE"),
    run("OKTA_E2E_TRUSTED_ORIGINS"),
    run(CERTIFICATES),
    run("WEBDRIVER_URL"),
    run("OKTA_E2E_BROWSERS"),
    run("OKTA_E2E_ORG_MODEL"),
    run("OKTA_E2E_REPORT_DIR"),
    run("OKTA_E2E_PROFILE"),
    run("OKTA_E2E_STRICT"),
    run("CHROMEWEBDRIVER"),
];

const USER: &str = "TEST_USER_";
/// What is configured of a test user, after `TEST_USER_<NAME>`.
const USER_SUFFIXES: [&str; 4] = ["_TOTP_SECRET", "_USERNAME", "_PASSWORD", "_PASSKEY"];

const SERVICE: &str = "SERVICE_";
/// What is configured of a service client, after `SERVICE_<NAME>`.
const SERVICE_SUFFIXES: [&str; 3] = ["_CLIENT_SECRET", "_CLIENT_ID", "_PRIVATE_KEY"];

/// So many characters more, fewer, others or exchanged are a slip.
const SLIP: usize = 2;
/// A name of the environment is somebody else's data: no more of it is shown.
const SHOWN: usize = 80;

/// A name that no run reads, and is near one that a run does.
#[derive(Debug)]
pub(super) struct Slip {
    /// The name as it is set, as it may be shown.
    pub(super) name: String,
    /// The name that was meant, perhaps.
    pub(super) nearest: String,
    /// Whether that names a real org.
    pub(super) names_an_org: bool,
}

/// What a name of the environment is to a run.
#[derive(Debug)]
pub(super) enum Meaning {
    /// A run reads it.
    Read,
    /// A run does not read it, and it looks as if it should.
    Slip(Slip),
    /// Another tool of Okta's reads it, perhaps.
    OtherOktaTool(String),
    /// It has nothing to do with any of this.
    Foreign,
}

/// Whether a name is one that a run reads, or may have been meant to be.
pub(super) fn concerns_a_run(name: &str) -> bool {
    matches!(meaning(name), Meaning::Read | Meaning::Slip(_))
}

/// Whether blanks at the ends of a variable's value may be a part of it: a password may have any,
/// and a client secret may be chosen (RFC 6749, appendix A.2).
pub(super) fn keeps_blanks(name: &str) -> bool {
    (user_of(name).is_some() && name.ends_with("_PASSWORD"))
        || (service_of(name).is_some() && name.ends_with("_CLIENT_SECRET"))
        || name == "OKTA_OAUTH2_CLIENT_SECRET"
}

/// The variables that name a real org, beside those of the test users.
pub(super) fn of_an_org<'a>() -> impl Iterator<Item = &'a str> {
    let known = KNOWN.iter().filter(|known| known.names_an_org);
    known.map(|known| known.name).filter(|name| *name != ISSUER)
}

/// The NAME of the test user that a variable is about.
pub(super) fn user_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(USER)?;
    let user = USER_SUFFIXES
        .iter()
        .find_map(|suffix| rest.strip_suffix(suffix));
    user.filter(|user| !user.is_empty())
}

/// The NAME of the service client that a variable is about.
pub(super) fn service_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(SERVICE)?;
    let mut suffixes = SERVICE_SUFFIXES.iter();
    let service = suffixes.find_map(|suffix| rest.strip_suffix(suffix));
    service.filter(|service| !service.is_empty())
}

/// The variable of a service that a name is near: its end is a slip. Other programs have names
/// that begin alike.
fn variable_of_a_service(name: &str) -> Option<String> {
    let rest = name.strip_prefix(SERVICE)?;
    let (distance, service, suffix) = ended_with(rest, &SERVICE_SUFFIXES);
    (distance <= 1 && !service.is_empty()).then(|| format!("{SERVICE}{service}{suffix}"))
}

/// What a name is to a run, by the name alone.
pub(super) fn meaning(name: &str) -> Meaning {
    let is_of_model = user_of(name).is_some() || service_of(name).is_some();
    if is_of_model || KNOWN.iter().any(|known| known.name == name) {
        return Meaning::Read;
    }
    let letters = letters(name);
    let (distance, known) = nearest(&letters);
    let is_ours = letters.starts_with("OKTAE2E");
    let of_model = variable_of_a_user(name).or_else(|| variable_of_a_service(name));
    let slip = if let Some(nearest) = of_model {
        Some((nearest, true))
    } else if distance <= SLIP || is_ours {
        Some((known.name.to_owned(), known.names_an_org && !is_ours))
    } else {
        begun_with(&letters).map(|known| (known.name.to_owned(), known.names_an_org))
    };
    match slip {
        Some((nearest, names_an_org)) => Meaning::Slip(Slip {
            name: shown(name),
            nearest,
            names_an_org,
        }),
        None if letters.starts_with("OKTA") => Meaning::OtherOktaTool(shown(name)),
        None => Meaning::Foreign,
    }
}

/// Of several names, the one that a name is nearest to; letters count alike in either case.
#[must_use]
pub fn nearest_of<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = letters(name);
    names.min_by_key(|other| osa_distance(&name, &letters(other)))
}

/// Capital letters and digits alone: `okta.oauth2.client-id` is another way to write a name.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

fn nearest(letters: &str) -> (usize, &'static Known) {
    let distances = KNOWN.iter().map(|known| {
        let own = self::letters(known.name);
        (osa_distance(letters, &own), known)
    });
    let nearest = distances.min_by_key(|(distance, _)| *distance);
    nearest.unwrap_or((usize::MAX, &KNOWN[0]))
}

/// `OKTA_CLIENT_TOKEN_FILE`, `OKTA_OAUTH2_ISSUER_URL`: the name of a variable, and more.
fn begun_with(letters: &str) -> Option<&'static Known> {
    let known = KNOWN.iter().filter(|known| {
        let own = self::letters(known.name);
        own.starts_with("OKTA") && letters.starts_with(&own)
    });
    known.max_by_key(|known| known.name.len())
}

/// The variable of a test user that a name is near: its beginning, its end, or both may be slips.
fn variable_of_a_user(name: &str) -> Option<String> {
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let is_ours = name.starts_with(USER);
    let rest = name.strip_prefix(USER).or_else(|| after_user(&name))?;
    let nearest = ended_with(rest, &USER_SUFFIXES);
    // `PASS` is nearer to the passkey that few users have.
    let is_near = nearest.0 <= SLIP;
    let (distance, user, suffix) = if is_near {
        nearest
    } else {
        ended_with(rest, &USER_SUFFIXES[..3])
    };
    let user = if user.is_empty() { "<NAME>" } else { user };
    (is_ours || distance <= SLIP).then(|| format!("{USER}{user}{suffix}"))
}

/// What comes after a beginning that is near `TEST_USER`, whatever its underscores.
fn after_user(name: &str) -> Option<&str> {
    let near = |start: &&str, most| osa_distance(&letters(start), "TESTUSER") <= most;
    let ends = name.match_indices('_').map(|(end, _)| end);
    let word = ends.map(|end| &name[..end]).find(|start| near(start, 1));
    let ends = name.char_indices().map(|(end, _)| end);
    let start = word.or_else(|| ends.map(|end| &name[..end]).find(|start| near(start, 0)))?;
    name.strip_prefix(start)
}

/// The NAME before the end that is nearest to one of these, and how near that is.
fn ended_with<'n>(
    rest: &'n str,
    suffixes: &'static [&'static str],
) -> (usize, &'n str, &'static str) {
    let ends = (0..=rest.len()).filter_map(|at| rest.split_at_checked(at));
    let all = ends.flat_map(|(user, end)| {
        suffixes.iter().map(move |suffix| {
            let distance = osa_distance(&letters(end), &letters(suffix));
            (distance, user.trim_matches('_'), *suffix)
        })
    });
    all.min_by_key(|(distance, _, _)| *distance)
        .unwrap_or((usize::MAX, rest, suffixes[0]))
}

/// A name of the environment may hold anything.
fn shown(name: &str) -> String {
    name.escape_debug().take(SHOWN).collect()
}
