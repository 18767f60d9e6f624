//! Which endpoint a request is checked for, and which it is served from. They are the same, and the
//! path is the endpoint's byte for byte, unless a fault has it otherwise.

use percent_encoding::percent_decode_str;

use super::behaviour::{PathRules, Step, Unruled};
use super::endpoint::Endpoint;
use super::request::Asked;

/// What stands for a part of a path that goes up.
const UP: &str = "..";

/// What is between two names in a query of GraphQL, or between a name and what it is for.
const BETWEEN: [char; 2] = [' ', ':'];

/// What is to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// That the caller may use the endpoint at this place.
    Of(usize),
    /// That the token is good.
    AnyToken,
    /// Nothing.
    Nothing,
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) rule: Rule,
    /// The place of the endpoint that answers.
    pub(super) served: usize,
}

/// The way of a request; none, where nothing is served.
pub(super) fn route(endpoints: &[Endpoint], rules: &PathRules, asked: &Asked) -> Option<Route> {
    let whole = format!("{}?{}", asked.path(), asked.query());
    let is_whole = rules.whole_target && !asked.query().is_empty();
    let path = if is_whole { &whole } else { asked.path() };
    let last = |text: &str| text.rsplit(BETWEEN).next().map(str::to_owned);
    let served = named(&rules.from_headers, &rules.from_parameters, asked, last);
    let served = served.unwrap_or_else(|| normalised(path, &rules.served_after));
    let served = place(endpoints, asked, |endpoint| endpoint.is_at(&served))?;
    let first = |text: &str| text.split(BETWEEN).next().map(str::to_owned);
    let other = named(
        &rules.checked_from_headers,
        &rules.checked_from_parameters,
        asked,
        first,
    );
    let path = other.as_deref().unwrap_or(path);
    let checked = place(endpoints, asked, |endpoint| endpoint.is_at(path));
    let checked = checked.or_else(|| {
        let is_below = |endpoint: &Endpoint| path.starts_with(endpoint.path());
        rules.by_prefix.then(|| place(endpoints, asked, is_below))?
    });
    let rule = match (checked, rules.unruled) {
        (Some(at), _) => Rule::Of(at),
        (None, Unruled::NotFound) => return None,
        (None, Unruled::Token) => Rule::AnyToken,
        (None, Unruled::Open) => Rule::Nothing,
    };
    Some(Route { rule, served })
}

/// The path that one of these headers names, or one of these parameters of the query: whole, by the
/// name that is its last part, or by a query of GraphQL, of whose names one is taken.
fn named(
    headers: &[String],
    parameters: &[String],
    asked: &Asked,
    one: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let mut in_headers = headers.iter().filter_map(|name| asked.header(name));
    let mut in_query = parameters.iter().filter_map(|name| asked.parameter(name));
    let in_header = in_headers.next().map(str::to_owned);
    let whole = |named: String| {
        let named = named.trim_matches(['{', '}']);
        let named = one(named).unwrap_or_default();
        format!("/{}", named.trim_start_matches('/'))
    };
    in_header.or_else(|| in_query.next().map(whole))
}

/// The place of such an endpoint: rather of one that takes the method, and of those rather of the
/// one whose query fits best.
fn place(
    endpoints: &[Endpoint],
    asked: &Asked,
    is_it: impl Fn(&Endpoint) -> bool,
) -> Option<usize> {
    let fit = |endpoint: &Endpoint| (endpoint.takes(asked.method()), endpoint.fits(asked.query()));
    let places = endpoints.iter().enumerate().rev();
    let such = places.filter(|(_, endpoint)| is_it(endpoint));
    such.max_by_key(|(_, endpoint)| fit(endpoint))
        .map(|(place, _)| place)
}

/// The path after these steps, one after the other.
pub(super) fn normalised(path: &str, steps: &[Step]) -> String {
    let step = |path: String, step: &Step| step.taken(&path);
    steps.iter().fold(path.to_owned(), step)
}

impl Step {
    fn taken(self, path: &str) -> String {
        let before = |mark: char| path.split(mark).next().unwrap_or_default().to_owned();
        match self {
            Self::Percent => percent_decode_str(path).decode_utf8_lossy().into_owned(),
            Self::DotSegments => without_dot_segments(path),
            Self::Slashes => parts(path)
                .filter(|part| !part.is_empty())
                .fold(String::new(), |path, part| path + "/" + part),
            Self::Semicolons => {
                let parts = parts(path).map(|part| part.split(';').next().unwrap_or_default());
                parts.collect::<Vec<_>>().join("/")
            }
            Self::Backslashes => path.replace('\\', "/"),
            Self::Case => path.to_lowercase(),
            Self::TrailingSlash => path.trim_end_matches('/').to_owned(),
            Self::TrailingDot => path.trim_end_matches('.').to_owned(),
            Self::Nul => before('\0'),
            Self::Blanks => path.trim_matches(['\t', ' ', '\n', '\r']).to_owned(),
            Self::Hash => before('#'),
            Self::Question => before('?'),
            Self::PathInfo => format!("/{}", parts(path).nth(1).unwrap_or_default()),
            Self::Lookalikes => {
                let path = path.replace("%c0%ae", ".").replace("%c0%af", "/");
                let decoded = percent_decode_str(&path).decode_utf8_lossy();
                decoded.chars().map(of_half_width).collect()
            }
            Self::DotsOnce => path.replace("../", ""),
            Self::Alias => {
                let mut names = ["/public", "/static"].iter();
                let rest = names.find_map(|name| path.strip_prefix(name));
                rest.map_or_else(|| path.to_owned(), |rest| format!("/{rest}"))
            }
            Self::LastSegment => format!("/{}", parts(path).next_back().unwrap_or_default()),
            Self::Batch => format!("/{}", path.rsplit([',', '/']).next().unwrap_or_default()),
            Self::Extension => {
                let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
                let path = if extension.contains('/') { path } else { stem };
                path.to_owned()
            }
        }
    }
}

/// The letter that is meant by one in the full width of the fonts of East Asia (Unicode, U+FF01 to
/// U+FF5E).
pub(super) fn of_half_width(letter: char) -> char {
    /// So far behind the letter itself.
    const FURTHER: u32 = 0xfee0;
    let is_wide = ('\u{ff01}'..='\u{ff5e}').contains(&letter);
    let meant = is_wide.then(|| char::from_u32(u32::from(letter) - FURTHER));
    meant.flatten().unwrap_or(letter)
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/')
}

/// RFC 3986 section 5.2.4.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in parts(path).skip(1) {
        match part {
            UP => drop(kept.pop()),
            "." => {}
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}
