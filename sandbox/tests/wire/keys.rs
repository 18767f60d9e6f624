//! The keys of an issuer in files: for those who cannot fetch them, and for those who play its
//! part.

use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_signing_key_makes_tokens_that_the_issuer_has_signed() {
    let world = World::new().await;
    let key = world.sandbox.signing_key(&world.issuer()).unwrap();
    let private = pem::parse(&key.private).unwrap();
    assert_eq!(private.tag(), "PRIVATE KEY");
    let pair = KeyPair::from_pkcs8(private.contents()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    let encoding = &aws_lc_rs::signature::RSA_PKCS1_SHA256;
    let random = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(encoding, &random, b"anything", &mut signature)
        .unwrap();
    let public = pem::parse(&key.public).unwrap();
    assert_eq!(public.tag(), "PUBLIC KEY");
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.contents())
        .verify(b"anything", &signature)
        .unwrap();
    let token = &world.sign_in("silver", &[]).await.fragment()["access_token"].clone();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.kid.as_deref(), Some(key.kid.as_str()));
}

#[tokio::test]
async fn the_signing_key_is_the_one_of_the_moment() {
    let world = World::new().await;
    let before = world.sandbox.signing_key(&world.issuer()).unwrap().kid;
    let server = &world.org.server_id;
    let rotate = format!("authorizationServers/{server}/credentials/lifecycle/keyRotate");
    let body = json!({"use": "sig"});
    world.manage(reqwest::Method::POST, &rotate, &body).await;
    let after = world.sandbox.signing_key(&world.issuer()).unwrap().kid;
    assert_ne!(before, after);
}

#[tokio::test]
async fn an_issuer_of_no_server_has_no_key() {
    let world = World::new().await;
    let elsewhere = format!("http://elsewhere/oauth2/{}", world.org.server_id);
    let unknown = format!("{}/oauth2/aus0", world.sandbox.org_url());
    for issuer in [elsewhere.as_str(), &unknown, "", "aus0"] {
        assert!(world.sandbox.signing_key(issuer).is_none(), "{issuer}");
    }
}
