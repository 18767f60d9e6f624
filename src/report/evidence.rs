//! What a finding rests on: what was sent, what came back, and what stood in the token.
//!
//! It is made of what the run saw and of what the trial asked for, so that no requirement has to
//! keep it. Tokens and codes are never in it; the recorder takes out what else is secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::rules::{self, RuleCondition};
use crate::exchange::{ApiCall, Exchange, Put, ServerCall};
use crate::observation::{
    ApiAnswer, Authorization, AuthorizationKey, Need, Observations, Outcome, Reaction, TokenAnswer,
};
use crate::openid::{Jwt, Parameters};
use crate::requirements::{Observed, map_texts};

/// A trial is about what it needs first; what it is compared with comes behind.
const MOST_NEEDS: usize = 2;
/// What stands for a value that is secret, or another in every run.
const LEFT_OUT: &str = "…";
/// Of a request, these are made up anew each time.
const MADE_UP: [&str; 3] = ["state", "nonce", "code_challenge"];
/// Of a redirect, what is not told: what it hands out, and what was made up.
const KEPT_BACK: [&str; 6] = [
    "access_token",
    "id_token",
    "refresh_token",
    "code",
    "state",
    "session_state",
];
/// Claims that are others in every token.
const CHANGING: [&str; 9] = [
    "iat",
    "exp",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
];

/// The values that a trial was judged by, as texts, by their names.
pub(crate) type Values = BTreeMap<String, String>;

/// One thing behind a result, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// What was sent.
    Request {
        /// The method and the address; of the API, the path alone.
        line: String,
        /// The headers, as their row has them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<String>,
        /// Whose token it was, or what it was made into.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credential: Option<String>,
    },
    /// What came back.
    Response {
        /// The HTTP status, where it was seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Headers, or the parameters of a redirect by where they stood.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        fields: BTreeMap<String, String>,
        /// The beginning of the body, or what was seen instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// What stands in a token.
    Claims {
        /// Which token.
        token: String,
        /// Its claims, those left out that are others in every token.
        claims: Map<String, Value>,
        /// The claims that it was judged by, with the values that it was judged by.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        named: Vec<String>,
    },
    /// A rule of an access policy, as the audit read it.
    Rule {
        /// The name of its policy.
        policy: String,
        /// Its name.
        rule: String,
        /// When it matches.
        conditions: Vec<RuleCondition>,
    },
    /// A picture of the page on which it ended, by the name that the pictures of the run have.
    Screenshot {
        /// The name of the picture.
        picture: String,
    },
}

/// What the run saw of what a trial is about, in the order in which it happened, and the rules that
/// decided.
pub(crate) fn of(needs: &[Need], observed: &Observed, seen: &Observations) -> Vec<Evidence> {
    let rules = rules::of(observed, &seen.org);
    let observed = &observed.texts();
    let of_need = |need: &Need| match need {
        Need::Authorization(key) => of_authorization(key, observed, seen),
        Need::Refresh(key) => of_refresh(key, seen),
        Need::Service(name) => of_service(name, seen),
        Need::Call(Exchange::Api(call)) => of_exchange(call, observed, seen),
        Need::Call(Exchange::Server(call)) => of_server_call(call, seen),
        Need::Organization
        | Need::Groups
        | Need::Users
        | Need::Server
        | Need::Scopes
        | Need::Claims
        | Need::Policies
        | Need::Client
        | Need::ClientGroups
        | Need::TrustedOrigins
        | Need::ServiceClients
        | Need::Metadata
        | Need::Keys
        | Need::Anybodys(_) => Vec::new(),
    };
    let found = needs.iter().map(of_need).filter(|found| !found.is_empty());
    found.take(MOST_NEEDS).flatten().chain(rules).collect()
}

fn of_authorization(
    key: &AuthorizationKey,
    observed: &Values,
    seen: &Observations,
) -> Vec<Evidence> {
    let picture = format!("{} {}", key.subject(), key.flow.grant_type());
    let Ok(authorization) = seen.authorization(key) else {
        return vec![Evidence::Screenshot { picture }];
    };
    let mut evidence = vec![
        Evidence::Request {
            line: format!("GET {}", without_made_up(&authorization.url)),
            headers: Vec::new(),
            credential: Some(format!("the session of {}", key.user)),
        },
        redirect(authorization),
    ];
    match &authorization.outcome {
        Outcome::Tokens { tokens, .. } => {
            let id = tokens
                .id_token
                .as_ref()
                .and_then(|token| token.as_ref().ok());
            evidence.extend(
                tokens.access_token.as_ref().map(|token| {
                    claims(format!("access token of {}", key.words()), token, observed)
                }),
            );
            let of_id = |token| claims(format!("ID token of {}", key.words()), token, observed);
            evidence.extend(id.map(of_id));
        }
        Outcome::Denied { response: None, .. } => evidence.push(Evidence::Screenshot { picture }),
        Outcome::Denied { .. } => {}
    }
    evidence
}

/// Each request with a refresh token, and what came of it.
fn of_refresh(key: &AuthorizationKey, seen: &Observations) -> Vec<Evidence> {
    let Ok(refreshed) = seen.refreshed(key) else {
        return Vec::new();
    };
    let steps = [
        ("for what was granted", &refreshed.redeemed),
        ("for a further scope", &refreshed.wider),
        ("for what was granted again", &refreshed.again),
        ("after it was revoked", &refreshed.after),
    ];
    let steps = steps.into_iter().filter_map(|(what, answer)| {
        let credential = format!("refresh token of {}, {what}", key.words());
        Some(at_the_token_endpoint(credential, answer.as_ref().ok()?))
    });
    steps.flatten().collect()
}

/// Each request of a service client for itself, and what came of it.
fn of_service(name: &str, seen: &Observations) -> Vec<Evidence> {
    let Ok(service) = seen.service(name) else {
        return Vec::new();
    };
    let own = ("its scopes".to_owned(), &service.own);
    let others = service.others.iter();
    let others = others.map(|(scope, answer)| (format!("`{scope}`"), answer));
    let impostor = (
        "its scopes by other credentials".to_owned(),
        &service.impostor,
    );
    let steps = [own].into_iter().chain(others).chain([impostor]);
    let steps = steps.filter_map(|(what, answer)| {
        let credential = format!("the service {name}, asking {what}");
        Some(at_the_token_endpoint(credential, answer.as_ref().ok()?))
    });
    steps.flatten().collect()
}

fn at_the_token_endpoint(credential: String, answer: &TokenAnswer) -> [Evidence; 2] {
    let status = match answer {
        TokenAnswer::Tokens(_) => None,
        TokenAnswer::Refused { status, .. } => Some(*status),
    };
    let request = Evidence::Request {
        line: "POST token".to_owned(),
        headers: Vec::new(),
        credential: Some(credential),
    };
    let response = Evidence::Response {
        status,
        fields: BTreeMap::new(),
        body: Some(answer.words()),
    };
    [request, response]
}

fn without_made_up(url: &Url) -> String {
    let mut shown = url.clone();
    let pairs = url.query_pairs().map(|(name, value)| {
        let value = if MADE_UP.contains(&&*name) {
            LEFT_OUT.into()
        } else {
            value
        };
        (name, value)
    });
    shown.query_pairs_mut().clear().extend_pairs(pairs);
    shown.into()
}

fn redirect(authorization: &Authorization) -> Evidence {
    let mut fields = BTreeMap::new();
    if let Some(response) = authorization.outcome.response() {
        fields.extend(parameters("fragment", &response.fragment));
        fields.extend(parameters("query", &response.query));
    }
    let body = match &authorization.outcome {
        Outcome::Denied { text, .. } => Some(text.clone()),
        Outcome::Tokens { .. } => None,
    };
    Evidence::Response {
        status: None,
        fields,
        body,
    }
}

fn parameters<'a>(
    place: &'a str,
    parameters: &'a Parameters,
) -> impl Iterator<Item = (String, String)> + 'a {
    parameters.names().into_iter().map(move |name| {
        let value = parameters.get(name).unwrap_or_default();
        let value = if KEPT_BACK.contains(&name) {
            LEFT_OUT
        } else {
            value
        };
        (format!("{place} {name}"), value.to_owned())
    })
}

fn of_exchange(exchange: &ApiCall, observed: &Values, seen: &Observations) -> Vec<Evidence> {
    let answer = if exchange.case.is_hostile() {
        seen.hostile(exchange).map(|hostile| {
            let silence = match &hostile.reaction {
                Reaction::Answered => None,
                Reaction::Lost(why) => Some(format!("the connection was lost: {why}")),
                Reaction::Silent(seconds) => Some(format!("no answer within {seconds} s")),
            };
            answered(hostile.answer.as_ref(), silence)
        })
    } else {
        seen.call(exchange)
            .map(|answer| answered(Some(answer), None))
    };
    let Ok(answer) = answer else {
        return Vec::new();
    };
    let mut evidence = vec![sent(exchange), answer];
    if let Some(key) = exchange.basis()
        && let Ok(authorization) = seen.authorization(key)
        && let Outcome::Tokens { tokens, .. } = &authorization.outcome
        && let Ok(token) = &tokens.access_token
    {
        evidence.push(claims(
            format!("access token of {}", key.words()),
            token,
            observed,
        ));
    }
    evidence
}

/// What a row of the protocol sends, in its words, and what came of it.
fn of_server_call(call: &ServerCall, seen: &Observations) -> Vec<Evidence> {
    let Ok(answer) = seen.server(call) else {
        return Vec::new();
    };
    let row = call.row;
    let request = Evidence::Request {
        line: format!("{} {}", row.method(), row.to().name()),
        headers: Vec::new(),
        credential: Some(row.sends.clone()),
    };
    let response = Evidence::Response {
        status: Some(answer.status),
        fields: BTreeMap::new(),
        body: Some(answer.words()),
    };
    vec![request, response]
}

/// The request as its row has it: what a token or a name of the run stands for is in braces.
fn sent(exchange: &ApiCall) -> Evidence {
    let case = exchange.case;
    let (own_method, path) = exchange.asked();
    let target = case.request.target.as_deref().unwrap_or("{path}");
    let target = target.replace("{base}", "").replace("{path}", &path);
    let method = case.request.method.as_deref().unwrap_or(own_method);
    let mut headers = Vec::new();
    if case.credential.as_ref().map(|credential| credential.put) == Some(Put::Header) {
        headers.push("Authorization: Bearer {token}".to_owned());
    }
    let of_row = case.request.headers.iter();
    headers.extend(of_row.map(|(name, value)| format!("{name}: {value}")));
    let credential = match exchange.rightful() {
        Some(key) => Some(format!("access token of {}", key.words())),
        None => case.credential.is_some().then(|| case.sends.clone()),
    };
    Evidence::Request {
        line: format!("{method} {target}"),
        headers,
        credential,
    }
}

fn answered(answer: Option<&ApiAnswer>, instead: Option<String>) -> Evidence {
    let challenge = answer.and_then(|answer| answer.challenge.clone());
    let location = answer.and_then(|answer| answer.redirect.clone());
    let named = [("WWW-Authenticate", challenge), ("Location", location)];
    let fields = named
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Evidence::Response {
        status: answer.map(|answer| answer.status),
        fields: fields.collect(),
        body: instead.or_else(|| answer.and_then(|answer| answer.body.clone())),
    }
}

fn claims(token: String, jwt: &Jwt, observed: &Values) -> Evidence {
    let lasting = jwt.claims.iter().map(|(name, value)| {
        let value = if CHANGING.contains(&&**name) {
            LEFT_OUT.into()
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    let named = jwt.claims.iter().filter(|(name, value)| {
        let text = value.as_str();
        let text = text.map_or_else(|| value.to_string(), str::to_owned);
        observed.get(*name) == Some(&text)
    });
    Evidence::Claims {
        token,
        named: named.map(|(name, _)| name.clone()).collect(),
        claims: lasting.collect(),
    }
}

impl Evidence {
    /// The same, each text as the function makes it.
    pub(super) fn map_texts(self, change: &mut dyn FnMut(&str) -> String) -> Self {
        match self {
            Self::Request {
                line,
                headers,
                credential,
            } => Self::Request {
                line: change(&line),
                headers: headers.iter().map(|header| change(header)).collect(),
                credential: credential.map(|text| change(&text)),
            },
            Self::Response {
                status,
                fields,
                body,
            } => Self::Response {
                status,
                fields: fields
                    .into_iter()
                    .map(|(name, value)| (change(&name), change(&value)))
                    .collect(),
                body: body.map(|text| change(&text)),
            },
            Self::Claims {
                token,
                claims,
                named,
            } => Self::Claims {
                token: change(&token),
                named: named.iter().map(|name| change(name)).collect(),
                claims: claims
                    .into_iter()
                    .map(|(name, value)| (change(&name), map_texts(value, change)))
                    .collect(),
            },
            Self::Rule {
                policy,
                rule,
                conditions,
            } => Self::Rule {
                policy: change(&policy),
                rule: change(&rule),
                conditions: conditions
                    .into_iter()
                    .map(|condition| RuleCondition {
                        is: change(&condition.is),
                        ..condition
                    })
                    .collect(),
            },
            Self::Screenshot { picture } => Self::Screenshot {
                picture: change(&picture),
            },
        }
    }
}
