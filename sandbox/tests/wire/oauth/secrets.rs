//! The secrets of a client: at most two, and each is one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::World;

#[tokio::test]
async fn a_client_may_have_two_secrets_and_either_fits() {
    let world = World::new().await;
    let path = format!("apps/{}/credentials/secrets", world.org.client_id);
    let list = world.manage(Method::GET, &path, &Value::Null).await;
    assert_eq!(list[0]["client_secret"], world.org.client_secret.as_str());
    let made = world.manage(Method::POST, &path, &json!({})).await;
    let second = made["client_secret"].as_str().unwrap();
    let introspect = async |secret: &str| {
        let form = [
            ("token", "x"),
            ("client_id", world.org.client_id.as_str()),
            ("client_secret", secret),
        ];
        let mut browser = Browser::new();
        let page = browser
            .post_form(&world.endpoint("introspect"), &form)
            .await;
        page.status.as_u16()
    };
    assert_eq!(introspect(second).await, 200);
    assert_eq!(introspect(&world.org.client_secret).await, 200);
    let first = format!("{path}/{}", list[0]["id"].as_str().unwrap());
    let off = format!("{first}/lifecycle/deactivate");
    world.manage(Method::POST, &off, &Value::Null).await;
    assert_eq!(introspect(&world.org.client_secret).await, 401);
    world.manage(Method::DELETE, &first, &Value::Null).await;
    let left = world.manage(Method::GET, &path, &Value::Null).await;
    assert_eq!(left.as_array().unwrap().len(), 1);
}
