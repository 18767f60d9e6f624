//! The beginning of a sign-in.

use super::scenario::{self, When};
use super::{classic, onward};
use crate::options::SignInPage;
use crate::session;
use crate::state::AppState;
use crate::state::org::random_token;
use crate::state::request::AuthorizeRequest;
use crate::state::sign_in::{Stage, Transaction, Who};
use crate::visit::Shown;

/// A sign-in that has begun.
pub(crate) struct Begun {
    pub(crate) shown: Shown,
    pub(crate) cookies: Vec<String>,
}

/// Begins a sign-in: the page of Identity Engine comes at the authorize URL itself, and Classic
/// Engine redirects to it.
pub(crate) fn begin(state: &AppState, request: AuthorizeRequest, first: Stage) -> Begun {
    let token = format!("02.id.{}", random_token());
    let transaction = Transaction {
        request,
        handle: format!("{token}~c.{}", random_token()),
        stage: first,
        passed: Vec::new(),
        played: Vec::new(),
        started: state.now(),
    };
    let transaction = scripted(state, transaction);
    let mut runtime = state.runtime();
    runtime.transactions.insert(token.clone(), transaction);
    drop(runtime);
    // Okta sets both on every visit; nothing here depends on them.
    let cookies = ["JSESSIONID", "DT"].map(|name| session::cookie(state, name, &random_token()));
    Begun {
        shown: if state.sign_in_page == SignInPage::Classic {
            Shown::Elsewhere(classic::redirect_path(&token))
        } else {
            Shown::SignIn {
                state_token: token,
                is_blank: scenario::starts_blank(state),
            }
        },
        cookies: cookies.into(),
    }
}

/// The same at the page that everybody begins at, if one was asked for by name.
fn scripted(state: &AppState, transaction: Transaction) -> Transaction {
    let page = match transaction.stage {
        Stage::Identify => onward::scripted(state, &transaction, When::Start, Who::Nobody),
        _ => None,
    };
    Transaction {
        stage: page.unwrap_or(transaction.stage.clone()),
        ..transaction
    }
}
