//! The page of the protocol: row, norm, proof, and what a live org needs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use okta_e2e::exchange::{self, ClientKind, Row};
use serde::Deserialize;

use super::Proofs;
use crate::support::world::file;

pub(super) fn page() -> String {
    let proofs = Proofs::read();
    let mut page = String::from(
        "# The protocol\n\nGenerated from `fixtures/protocol/` by `OKTA_E2E_WRITE_DOCS=1 \
         scripts/test protocol`; a test keeps it current.\n\nWhat the authorization server is \
         asked beside the document's own requests, and what it must answer. None of it signs anybody in.\n\
         A refusal counts only where the same request without what is wrong with it (its \
         *control*) is answered as it should be.\nAn answer that leads anywhere but to the \
         registered redirect URI, or that hands out a code or a token, is *required* whatever the row weighs.\n\
         What turns a row red is a fault of the sandbox, or a server before it (`tests/suite/variations`).\n\
         `OKTA_E2E_PROFILE=document` asks none of it.\n",
    );
    for file in exchange::protocol_files() {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n| row | what is sent | what must come back | norm | severity | what \
             a live org needs | turned red by |\n|---|---|---|---|---|---|---|\n",
            file.name,
            file.about.trim()
        );
        file.rows
            .iter()
            .for_each(|row| page.push_str(&line(row, &proofs)));
    }
    let _ = writeln!(page, "\n{} rows.", exchange::protocol().count());
    page.push_str("\n## What is not asked\n\n| what | why |\n|---|---|\n");
    for Unasked { what, why } in unasked() {
        let _ = writeln!(page, "| {what} | {why} |");
    }
    page
}

/// `fixtures/protocol-unasked.toml`: what no row asks, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unasked {
    what: String,
    why: String,
}

fn unasked() -> Vec<Unasked> {
    let text = std::fs::read_to_string(file("fixtures/protocol-unasked.toml")).expect("a file");
    let mut file: BTreeMap<String, Vec<Unasked>> = toml::from_str(&text).expect("a table");
    file.remove("unasked").expect("what is not asked")
}

fn line(row: &Row, proofs: &Proofs) -> String {
    let proof: Vec<String> = proofs
        .of(row)
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let also: Vec<String> = row.also.iter().map(exchange::Answer::words).collect();
    let also = match also.as_slice() {
        [] => String::new(),
        also => format!("; accepted too, and reported: {}", also.join(", or ")),
    };
    format!(
        "| `{}` | {} | {}{also} | {} | {} | {} | {} |\n",
        row.id,
        row.sends.replace('|', "\\|"),
        row.answer.words(),
        row.norm,
        row.severity.word(),
        needs(row),
        proof.join(", ")
    )
}

/// What a live org needs for a row.
fn needs(row: &Row) -> String {
    let flow = row.flow.map(|flow| flow.words().to_owned());
    let client = match row.client {
        ClientKind::Any => None,
        ClientKind::WithSecret => Some("`OKTA_OAUTH2_CLIENT_SECRET`".to_owned()),
        ClientKind::WithPkce => Some("a client that must use PKCE".to_owned()),
        ClientKind::WithoutPkce => Some("a client that may leave PKCE out".to_owned()),
    };
    let okta = row.only_okta.then(|| "Okta".to_owned());
    let token = row.needs_token().then(|| "a sign-in of the run".to_owned());
    let by_http = row.is_by_http_alone() || row.in_session;
    let by_http = by_http.then(|| "a session that is good by plain HTTP".to_owned());
    let grant = row.without_grant.as_ref();
    let grant = grant.map(|grant| format!("a client without the grant type `{grant}`"));
    let service = row.needs_service().then(|| "a service client".to_owned());
    let needs = [flow, client, service, grant, token, by_http, okta]
        .into_iter()
        .flatten();
    let needs: Vec<String> = needs.collect();
    if needs.is_empty() {
        "nothing".to_owned()
    } else {
        needs.join(", ")
    }
}
