//! The two discovery documents of an authorization server.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::tokens;
use crate::error::{self, okta_error};
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::org::{AuthorizationServer, Status};

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
    Path(server_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&state, &server_id, query, openid_metadata)
}

/// `.well-known/oauth-authorization-server`, at either of its places.
pub(crate) async fn oauth(
    State(state): State<Arc<AppState>>,
    Path(server_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&state, &server_id, query, |issuer| {
        let mut metadata = oauth_metadata(issuer);
        if state.fault() == Some(Fault::DiscoveryDocumentsDiffer) {
            let other = json!({"token_endpoint": format!("{issuer}/v2/token")});
            extend(&mut metadata, other);
        }
        metadata
    })
}

fn answer(
    state: &AppState,
    server_id: &str,
    query: Option<String>,
    specific: impl Fn(&str) -> Value,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let org = state.org();
    let active = |server: &&AuthorizationServer| {
        server.status == Status::Active && state.fault() != Some(Fault::DiscoveryMissing)
    };
    let Some(server) = org.servers.get(server_id).filter(active) else {
        return error::unknown_server(server_id);
    };
    let client = parameters.get("client_id");
    if client.is_some_and(|client| !org.applications.contains_key(client)) {
        let text = "Invalid value for 'client_id' parameter.";
        return okta_error(StatusCode::BAD_REQUEST, "invalid_client", text);
    }
    let issuer = tokens::issuer(&state.base_url, server_id);
    let mut metadata = common_metadata(&state.base_url, &issuer, server);
    extend(&mut metadata, specific(&issuer));
    extend(&mut metadata, faulty(state.fault()));
    let cache = HeaderValue::from_static("max-age=86400, must-revalidate");
    ([(header::CACHE_CONTROL, cache)], Json(metadata)).into_response()
}

fn common_metadata(base_url: &str, issuer: &str, server: &AuthorizationServer) -> Value {
    let published = server.scopes.values();
    let scopes: Vec<&str> = published
        .filter(|scope| scope.system || scope.metadata_publish == "ALL_CLIENTS")
        .map(|scope| scope.name.as_str())
        .collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/v1/authorize"),
        "token_endpoint": format!("{issuer}/v1/token"),
        // Clients register with the org, not with one of its servers.
        "registration_endpoint": format!("{base_url}/oauth2/v1/clients"),
        "jwks_uri": format!("{issuer}/v1/keys"),
        "response_modes_supported": ["query", "fragment", "form_post", "okta_post_message"],
        "subject_types_supported": ["public"],
        "scopes_supported": scopes,
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": format!("{issuer}/v1/introspect"),
        "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint": format!("{issuer}/v1/revoke"),
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "end_session_endpoint": format!("{issuer}/v1/logout"),
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": [
            "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512",
        ],
        "device_authorization_endpoint": format!("{issuer}/v1/device/authorize"),
        "pushed_authorization_request_endpoint": format!("{issuer}/v1/par"),
    })
}

fn openid_metadata(issuer: &str) -> Value {
    json!({
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        // Bare `token` is left out here and named in the other document: so does Okta.
        "response_types_supported": [
            "code", "id_token", "code id_token", "code token", "id_token token",
            "code id_token token",
        ],
        "grant_types_supported": [
            "authorization_code", "implicit", "refresh_token", "password",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "id_token_signing_alg_values_supported": ["RS256"],
        "id_token_encryption_alg_values_supported": [
            "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512",
        ],
        "id_token_encryption_enc_values_supported": ["A256GCM"],
        "claims_supported": [
            "iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce",
            "name", "nickname", "preferred_username", "given_name", "middle_name", "family_name",
            "email", "email_verified", "profile", "zoneinfo", "locale", "address", "phone_number",
            "picture", "website", "gender", "birthdate", "updated_at", "at_hash", "c_hash",
        ],
    })
}

fn oauth_metadata(_issuer: &str) -> Value {
    json!({
        "response_types_supported": [
            "code", "token", "id_token", "code id_token", "code token", "id_token token",
            "code id_token token",
        ],
        "grant_types_supported": [
            "authorization_code", "implicit", "refresh_token", "password", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
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
