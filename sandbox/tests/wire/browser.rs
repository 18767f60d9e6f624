//! A browser without a screen: it keeps cookies, follows nothing, and speaks the sign-in API.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode, redirect};
use serde_json::{Value, json};
use url::Url;

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// A header that is a text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Where the answer redirects to.
    pub(crate) fn location(&self) -> Url {
        let location = self.header("location");
        location
            .parse()
            .unwrap_or_else(|_| panic!("no redirect: {self:?}"))
    }

    /// The parameters in the fragment of the redirect.
    pub(crate) fn fragment(&self) -> BTreeMap<String, String> {
        let location = self.location();
        parameters(location.fragment().unwrap_or_default())
    }

    /// The parameters in the query of the redirect.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        let location = self.location();
        parameters(location.query().unwrap_or_default())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The state token inside a sign-in page, its escapes undone.
    pub(crate) fn state_token(&self) -> String {
        let after = self.body.split("var stateToken = '").nth(1);
        let escaped = after.and_then(|rest| rest.split('\'').next());
        let escaped = escaped.unwrap_or_else(|| panic!("no sign-in page: {self:?}"));
        let mut parts = escaped.split("\\x");
        let mut token = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (code, plain) = part.split_at(2);
            token.push(char::from(u8::from_str_radix(code, 16).unwrap()));
            token.push_str(plain);
        }
        token
    }
}

fn parameters(encoded: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(encoded.as_bytes())
        .into_owned()
        .collect()
}

/// A client for loopback. It reads no root certificates: that costs more than all its requests. No
/// answer takes as long as its limit: what waits for ever fails.
pub(crate) fn client() -> Client {
    let client = Client::builder().redirect(redirect::Policy::none());
    let client = client.timeout(Duration::from_secs(120));
    client.no_proxy().tls_certs_only([]).build().unwrap()
}

/// Cookies and the way to send them.
pub(crate) struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            client: client(),
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.send(Method::GET, url, None, String::new()).await
    }

    pub(crate) async fn post_form(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let kind = "application/x-www-form-urlencoded";
        self.send(Method::POST, url, Some(kind), body).await
    }

    pub(crate) async fn post_json(&mut self, url: &str, body: &Value) -> Page {
        let kind = "application/json";
        self.send(Method::POST, url, Some(kind), body.to_string())
            .await
    }

    async fn send(
        &mut self,
        method: Method,
        url: &str,
        content_type: Option<&str>,
        body: String,
    ) -> Page {
        let mut request = self.client.request(method, url).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let response = request.header("cookie", cookies.join("; ")).send().await;
        let response = response.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    /// Opens the sign-in page; the handle its steps are sent with.
    pub(crate) async fn open(&mut self, authorize_url: &str) -> SignIn {
        let org_url = Url::parse(authorize_url)
            .unwrap()
            .origin()
            .ascii_serialization();
        let token = self.get(authorize_url).await.state_token();
        let url = format!("{org_url}/idp/idx/introspect");
        let first = self.post_json(&url, &json!({"stateToken": token})).await;
        let handle = first.json()["stateHandle"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        SignIn {
            org_url,
            handle,
            first,
        }
    }

    pub(crate) async fn identify(&mut self, sign_in: &SignIn, login: &str) -> Page {
        let body = json!({"identifier": login, "stateHandle": sign_in.handle});
        self.post_json(&format!("{}/idp/idx/identify", sign_in.org_url), &body)
            .await
    }

    pub(crate) async fn answer(&mut self, sign_in: &SignIn, password: &str) -> Page {
        let body = json!({"credentials": {"passcode": password}, "stateHandle": sign_in.handle});
        let url = format!("{}/idp/idx/challenge/answer", sign_in.org_url);
        self.post_json(&url, &body).await
    }

    /// Signs in by the page and follows its success; the answer to the client.
    pub(crate) async fn sign_in(&mut self, url: &str, login: &str, password: &str) -> Page {
        let sign_in = self.open(url).await;
        self.identify(&sign_in, login).await;
        let answered = self.answer(&sign_in, password).await.json();
        let href = answered["success"]["href"].as_str();
        let href = href.unwrap_or_else(|| panic!("not signed in: {answered}"));
        self.get(href).await
    }
}

/// A sign-in under way.
pub(crate) struct SignIn {
    org_url: String,
    pub(crate) handle: String,
    /// The first answer of the sign-in API.
    pub(crate) first: Page,
}

impl SignIn {
    /// The address of a step.
    pub(crate) fn path(&self, step: &str) -> String {
        format!("{}/idp/idx/{step}", self.org_url)
    }
}
