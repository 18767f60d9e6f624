//! An attack on the API: what is sent, what the right one answers, and what a weak one does.

use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use serde_json::Value;

use super::issuer::{SILVER, Signer, World, forge, header};
use super::raw::Raw;

pub(crate) const GOOD: Signer = Signer::Good(&RSA_PKCS1_SHA256);

/// A request, what the right API answers, and what the API with the fault does.
pub(crate) struct Attack {
    pub(crate) fault: &'static str,
    pub(crate) request: Raw,
    pub(crate) right: u16,
    pub(crate) wrong: u16,
}

pub(crate) fn attack(fault: &'static str, request: Raw, right: u16, wrong: u16) -> Attack {
    Attack {
        fault,
        request,
        right,
        wrong,
    }
}

/// What lets in a token that is refused with 401.
pub(crate) fn lets_in(fault: &'static str, token: &str) -> Attack {
    attack(fault, Raw::get("/planets").bearer(token), 401, 200)
}

/// A good token for `/planets` but for these members of the header.
pub(crate) fn with_header(world: &World, changes: &Value, signer: &Signer) -> String {
    let mut header = header();
    change(&mut header, changes);
    forge(&header, &world.access_claims(&[SILVER]), signer)
}

/// A good token for `/planets` but for these claims.
pub(crate) fn with_claims(world: &World, changes: &Value) -> String {
    let mut claims = world.access_claims(&[SILVER]);
    change(&mut claims, changes);
    forge(&header(), &claims, &GOOD)
}

/// Null takes a member away.
pub(crate) fn change(members: &mut Value, changes: &Value) {
    let members = members.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}

/// Plays every attack against the right API and against the one with the fault.
pub(crate) async fn play(world: &World, attacks: Vec<Attack>) -> Vec<String> {
    let url = world.solar.url();
    let good = Raw::get("/planets").bearer(&world.access_token(&[SILVER]));
    let mut wrong = Vec::new();
    for Attack {
        fault,
        request,
        right,
        wrong: broken,
    } in attacks
    {
        world.solar.set_fault(None);
        alive(&good, url).await;
        let found = request.send(url).await;
        if found.status != right || (right != 200 && !found.body.is_empty()) {
            wrong.push(format!("without {fault}: {found:?} to {request:?}"));
        }
        world.solar.set_fault(Some(fault.parse().unwrap()));
        let found = request.send(url).await;
        if found.status != broken {
            wrong.push(format!("with {fault}: {found:?} to {request:?}"));
        }
    }
    wrong
}

/// Waits until the API listens again, which takes as long as its port.
pub(crate) async fn alive(good: &Raw, url: &str) {
    let listens = async { while good.send(url).await.status != 200 {} };
    let deadline = std::time::Duration::from_secs(10);
    tokio::time::timeout(deadline, listens).await.unwrap();
}
