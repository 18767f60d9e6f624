//! The addresses that browsers visit, and the APIs beside them: what one room decides is done by
//! another, and this is where they meet.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::{MethodFilter, get, on};
use axum::{Router, middleware};

use crate::parameters::Parameters;
use crate::sign_in::{self, classic};
use crate::state::AppState;
use crate::visit::{Next, Visit, Visited};
use crate::{cors, gate, oauth, pages};

/// What a visit to an address comes to.
type Step = fn(&AppState, &Visit) -> Visited;

/// A query or, where both are taken, a form.
const EITHER: MethodFilter = MethodFilter::GET.or(MethodFilter::POST);

/// The addresses that browsers visit.
const ADDRESSES: [(&str, MethodFilter, Step); 11] = [
    ("/oauth2/v1/authorize", EITHER, oauth::authorize),
    ("/oauth2/v1/logout", EITHER, oauth::logout),
    ("/oauth2/{server_id}/v1/authorize", EITHER, oauth::authorize),
    ("/oauth2/{server_id}/v1/logout", EITHER, oauth::logout),
    (
        "/login/token/redirect",
        MethodFilter::GET,
        sign_in::redirect,
    ),
    (
        "/oauth2/v1/authorize/redirect",
        MethodFilter::GET,
        classic::redirect,
    ),
    (
        "/sso/idps/{provider}",
        MethodFilter::GET,
        sign_in::to_provider,
    ),
    (
        "/idp/identity-verification",
        MethodFilter::GET,
        sign_in::to_provider,
    ),
    (sign_in::PROVIDER_PATH, MethodFilter::GET, sign_in::provider),
    ("/login/login.htm", MethodFilter::GET, classic::page),
    (
        "/login/sessionCookieRedirect",
        MethodFilter::GET,
        classic::session_cookie,
    ),
];

/// The endpoints of authorization servers and of the sign-in behind them.
pub(crate) fn router(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let gate = middleware::from_fn_with_state(Arc::clone(state), gate::gate);
    let mut router = oauth::router()
        .merge(sign_in::router(state))
        .route("/", get(oauth::home));
    for (address, methods, step) in ADDRESSES {
        let visit =
            move |state, server_id, headers, form| visit(step, state, server_id, headers, form);
        router = router.route(address, on(methods, visit));
    }
    let cors = middleware::from_fn_with_state(Arc::clone(state), cors::cors);
    router.layer(cors).layer(gate)
}

async fn visit(
    step: Step,
    State(state): State<Arc<AppState>>,
    server_id: Option<Path<String>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let visit = Visit {
        server_id: server_id.map(|Path(id)| id).unwrap_or_default(),
        headers,
        sent: Parameters::parse(&form),
    };
    let visited = step(&state, &visit);
    let shown = show(&state, visited).await;
    let sent: Vec<String> = visit.sent.values().map(str::to_owned).collect();
    pages::made_badly(state.fault(), &sent, shown).await
}

/// Does what comes next.
async fn show(state: &AppState, visited: Visited) -> Response {
    let Visited { next, mut cookies } = visited;
    let shown = match next {
        Next::Show(shown) => shown,
        Next::Ask(request, first) => {
            let begun = sign_in::begin(state, *request, first);
            cookies.extend(begun.cookies);
            begun.shown
        }
        Next::Answer(request, session) => oauth::answer(state, &request, &session).await,
        Next::Refuse(return_to, error) => oauth::refuse(state, &return_to, error),
    };
    let mut response = pages::show(state, shown);
    let cookies = cookies.iter();
    for cookie in cookies.filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
