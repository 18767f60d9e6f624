//! The two discovery documents of an authorization server: Okta's, without what is not served here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::server::{self, InPath};
use crate::error::{self, okta_error};
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::org::{AuthorizationServer, Status};

/// The grant types that are served; `password`, devices and the rest are not.
pub(crate) const GRANT_TYPES: [&str; 4] = [
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
];

const AUTH_METHODS: [&str; 5] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
];

/// `.well-known/openid-configuration`
pub(crate) async fn openid(
    State(state): State<Arc<AppState>>,
    path: InPath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&state, &server::id(path), query, &headers, openid_metadata)
}

/// `.well-known/oauth-authorization-server`, at either of its places.
pub(crate) async fn oauth(
    State(state): State<Arc<AppState>>,
    path: InPath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&state, &server::id(path), query, &headers, |endpoints| {
        let mut metadata = oauth_metadata(endpoints);
        if state.fault() == Some(Fault::DiscoveryDocumentsDiffer) {
            let other = json!({"token_endpoint": format!("{endpoints}/other/token")});
            extend(&mut metadata, other);
        }
        metadata
    })
}

fn answer(
    state: &AppState,
    server_id: &str,
    query: Option<String>,
    headers: &HeaderMap,
    specific: impl Fn(&str) -> Value,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let org = state.org();
    let active = |server: &&AuthorizationServer| {
        server.status == Status::Active && state.fault() != Some(Fault::DiscoveryMissing)
    };
    let Some(server) = org.server(server_id).filter(active) else {
        return error::unknown_server(server_id);
    };
    let client = parameters.get("client_id");
    if client.is_some_and(|client| !org.applications.contains_key(client)) {
        let text = "Invalid value for 'client_id' parameter.";
        return okta_error(StatusCode::BAD_REQUEST, "invalid_client", text);
    }
    let issuer = server::issuer(state, server, headers);
    let address = issuer.split("/oauth2/").next().unwrap_or_default();
    let endpoints = server::endpoints(address, server_id);
    let mut metadata = common_metadata(&issuer, &endpoints, server);
    extend(&mut metadata, specific(&endpoints));
    extend(&mut metadata, faulty(state.fault()));
    let cache = HeaderValue::from_static("max-age=86400, must-revalidate");
    ([(header::CACHE_CONTROL, cache)], Json(metadata)).into_response()
}

fn common_metadata(issuer: &str, endpoints: &str, server: &AuthorizationServer) -> Value {
    let published = server.scopes.values();
    let scopes: Vec<&str> = published
        .filter(|scope| scope.system || scope.metadata_publish == "ALL_CLIENTS")
        .map(|scope| scope.name.as_str())
        .collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{endpoints}/authorize"),
        "token_endpoint": format!("{endpoints}/token"),
        "jwks_uri": format!("{endpoints}/keys"),
        "response_modes_supported": ["query", "fragment", "form_post", "okta_post_message"],
        "subject_types_supported": ["public"],
        "scopes_supported": scopes,
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": format!("{endpoints}/introspect"),
        "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint": format!("{endpoints}/revoke"),
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "end_session_endpoint": format!("{endpoints}/logout"),
    })
}

fn openid_metadata(endpoints: &str) -> Value {
    // What a client may do without a user has no place in this document of Okta's.
    let grant_types = GRANT_TYPES.iter();
    let grant_types = grant_types.filter(|grant_type| **grant_type != "client_credentials");
    json!({
        "userinfo_endpoint": format!("{endpoints}/userinfo"),
        // Bare `token` is left out here and named in the other document: so does Okta.
        "response_types_supported": [
            "code", "id_token", "code id_token", "code token", "id_token token",
            "code id_token token",
        ],
        "grant_types_supported": grant_types.collect::<Vec<_>>(),
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": [
            "iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce",
            "name", "nickname", "preferred_username", "given_name", "middle_name", "family_name",
            "email", "email_verified", "profile", "zoneinfo", "locale", "address", "phone_number",
            "picture", "website", "gender", "birthdate", "updated_at", "at_hash", "c_hash",
        ],
    })
}

fn oauth_metadata(_endpoints: &str) -> Value {
    json!({
        "response_types_supported": [
            "code", "token", "id_token", "code id_token", "code token", "id_token token",
            "code id_token token",
        ],
        "grant_types_supported": GRANT_TYPES,
        "claims_supported": [
            "ver", "jti", "iss", "aud", "iat", "exp", "cid", "uid", "scp", "sub",
        ],
    })
}

fn faulty(fault: Option<Fault>) -> Value {
    match fault {
        Some(Fault::DiscoveryIssuerOther) => {
            json!({"issuer": "https://other.example.com/oauth2/other"})
        }
        Some(Fault::DiscoveryEndpointOtherHost) => {
            json!({"token_endpoint": "https://other.example.com/oauth2/other/v1/token"})
        }
        Some(Fault::MetadataUnsigned) => {
            json!({"id_token_signing_alg_values_supported": ["RS256", "none"]})
        }
        Some(Fault::MetadataPlainChallenge) => {
            json!({"code_challenge_methods_supported": ["plain", "S256"]})
        }
        Some(Fault::MetadataUserinfoOtherHost) => {
            json!({"userinfo_endpoint": "https://other.example.com/oauth2/other/v1/userinfo"})
        }
        Some(Fault::MetadataLogoutOtherHost) => {
            json!({"end_session_endpoint": "https://other.example.com/oauth2/other/v1/logout"})
        }
        Some(Fault::DiscoveryFieldsExtra) => {
            json!({"sandbox_extra": {"harmless": true}, "tls_client_certificate_bound_access_tokens": false})
        }
        _ => json!({}),
    }
}

fn extend(metadata: &mut Value, more: Value) {
    if let (Value::Object(metadata), Value::Object(more)) = (metadata, more) {
        metadata.extend(more);
    }
}
