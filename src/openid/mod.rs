//! The client's side of OpenID Connect: metadata, keys, requests, responses and tokens.
//!
//! Observes and decodes; whether what came is right is judged in [`crate::requirements`].

mod carried;
mod endpoint;
mod form;
mod http;
mod keys;
mod metadata;
mod names;
mod ordered;
mod refresh;
mod repeated;
mod request;
mod response;
mod stranger;
mod token;

pub use crate::model::Flow;
pub use crate::transport::{
    AuthorizationHeader, Certificates, RawAnswer, RawHead, RawOutcome, RawRequest, Unsendable,
};
pub use carried::{CarriedCookie, CarriedSession};
pub use endpoint::{ApiEndpoint, BrowserEndpoint, NamedUrl, NotUsed, Reach, TrustedEndpoint, Use};
pub use form::PostedForm;
pub use http::{Answer, ApiRequest, Attempts, Http, HttpError, ServerRequest};
pub use keys::{Key, KeySet, LEAST_MODULUS_BITS};
pub use metadata::Metadata;
pub(crate) use names::{is_of_a_secret, plain};
use ordered::Ordered;
pub use refresh::{loaded_by_page, refreshed, refreshed_by_page};
pub(crate) use repeated::{read_last, repeated_member};
pub(crate) use request::random;
pub use request::{AskedPrompt, Asks, AuthorizationRequest, Pkce, Prompt, RequestDetails};
pub use response::{
    MESSAGED, POSTED, Parameters, Response, TOKENS, TokenResponse, scopes_of, split_encoded,
};
pub use token::{Jwt, Signature, TokenError, half_hash};
