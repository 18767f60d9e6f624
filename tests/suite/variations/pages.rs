//! Pages of the server that lead a browser on, and what they and their headers give away.

use super::Variation;
use super::breaches::refused_address;
use crate::support::front::{Answer, Request};

pub(super) const PAGES: [Variation; 9] = [
    ("error-page-goes-by-script", |request, answer| {
        shows(request, answer, |sent| {
            format!("<script>window.location.replace(\"{sent}\")</script>")
        });
    }),
    ("error-page-with-a-form-by-get", |request, answer| {
        shows(request, answer, |sent| {
            format!("<form id=f action=\"{sent}\"></form><script>f.submit()</script>")
        });
    }),
    ("second-form-of-an-error-page-posts", |request, answer| {
        shows(request, answer, |sent| {
            let search = "<form method=post action=/search><input name=q></form>";
            format!("{search}<form method=post action=\"{sent}\"><input name=error></form>")
        });
    }),
    ("error-page-with-a-frame", |request, answer| {
        shows(request, answer, |sent| {
            format!("<iframe src=\"{sent}\"></iframe>")
        });
    }),
    (
        "error-page-refreshes-elsewhere-with-the-state",
        |request, answer| {
            let is_page = request.is_to("/authorize") && answer.status == 400;
            if let Some(state) = request.parameter("state").filter(|_| is_page) {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("state", &state)
                    .finish();
                answer.add(
                    "refresh",
                    format!("0;url=https://elsewhere.example/?{query}"),
                );
            }
        },
    ),
    ("form-by-get", |request, answer| {
        if request.parameter("response_mode").as_deref() == Some("form_post") {
            answer.rewrite(|text| text.replace("method=\"POST\"", "method=\"GET\""));
        }
    }),
    ("sign-in-page-for-shared-caches", |request, answer| {
        if request.is_to("/authorize") && answer.status == 200 {
            answer.set("cache-control", "public, max-age=600");
        }
    }),
    ("line-break-in-a-state-makes-a-header", |request, answer| {
        let state = request.parameter("state").unwrap_or_default();
        let header = state.split_once("\r\n");
        if let Some((name, value)) = header.and_then(|(_, header)| header.split_once(": ")) {
            answer.add(name, value);
        }
    }),
    ("answer-fails-without-scope", |request, answer| {
        let scope = request.parameter("scope").unwrap_or_default();
        let is_odd = scope.is_empty() || scope.contains('\t');
        if request.is_to("/authorize") && is_odd && answer.header("location").is_some() {
            answer.status = 500;
            answer.headers.retain(|(name, _)| name != "location");
        }
    }),
];

/// A page of an error shows what is made of the redirect URI that was sent.
fn shows(request: &Request, answer: &mut Answer, made: impl FnOnce(&str) -> String) {
    if let Some(sent) = refused_address(request, answer) {
        answer.body = made(&sent.replace(['"', '<', '>'], "")).into();
    }
}
