//! In which way a token is no token, for the faults that trip over it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::behaviour::Kind;
use super::request::{Asked, Credential};

/// So much more than any token has.
const LONG: usize = 16 * 1024;

/// So many brackets as no claims have.
const DEEP: usize = 64;

/// Whether what a request brings is of one of these kinds.
pub(super) fn is_one_of(kinds: &[Kind], asked: &Asked, credential: &Credential) -> bool {
    let presented = asked.headers("authorization");
    match credential {
        Credential::Tokens(tokens) => tokens
            .iter()
            .any(|token| kinds.iter().any(|kind| kind.is(token))),
        Credential::Read(_) | Credential::Split { .. } => false,
        Credential::Malformed => kinds.contains(&Kind::Header),
        Credential::None => kinds.contains(&Kind::Header) && !presented.is_empty(),
    }
}

impl Kind {
    fn is(self, token: &str) -> bool {
        let segments: Vec<&str> = token.split('.').collect();
        let bytes = |index: usize| {
            let segment = segments.get(index).copied().unwrap_or_default();
            URL_SAFE_NO_PAD.decode(segment)
        };
        let header: Option<Value> = bytes(0).ok().and_then(|text| parse(&text));
        let is_no_text = |name: &str| {
            let member = header.as_ref().and_then(|header| header.get(name));
            member.is_some_and(|member| !member.is_string())
        };
        let payload = bytes(1).unwrap_or_default();
        match self {
            Self::Header => false,
            Self::NoJwt => segments.len() == 1,
            Self::TwoSegments => segments.len() == 2,
            Self::MoreSegments => segments.len() > 3,
            Self::SignatureText => segments.len() == 3 && !bytes(2).is_ok_and(|s| !s.is_empty()),
            Self::HeaderText => !header.is_some_and(|header| header.is_object()),
            Self::PayloadText => {
                segments.len() > 1 && !parse(&payload).is_some_and(|value| value.is_object())
            }
            Self::PayloadBytes => std::str::from_utf8(&payload).is_err(),
            Self::Deep => payload.iter().filter(|byte| b"[{".contains(byte)).count() > DEEP,
            Self::Long => token.len() > LONG,
            Self::KeyIdType => is_no_text("kid"),
            Self::AlgorithmType => is_no_text("alg"),
        }
    }
}

fn parse(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}
