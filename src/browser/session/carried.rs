//! The cookies that a browser has for an address, with those that no script reads.

use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::Session;
use crate::browser::error::BrowserError;
use crate::openid::{CarriedCookie, CarriedSession};

impl Session {
    /// What the browser would send to an address, and what it says that it is; none where there are
    /// no `DevTools`: `WebDriver` tells the cookies of the page that stands alone, and to go to one
    /// of the org's would end the visit.
    pub(in crate::browser) async fn carried(
        &self,
        at: &Url,
    ) -> Result<Option<CarriedSession>, BrowserError> {
        if self.frame.is_none() {
            return Ok(None);
        }
        let wanted = json!({ "urls": [at.as_str()] });
        let cookies = self.devtools("Network.getCookies", wanted).await?;
        let version = self.devtools("Browser.getVersion", json!({})).await?;
        let cookies = cookies.get("cookies").and_then(Value::as_array);
        let cookies = cookies.into_iter().flatten();
        let cookies = cookies.filter_map(|cookie| carried(cookie, at)).collect();
        let user_agent = version.get("userAgent").and_then(Value::as_str);
        let user_agent = user_agent.map(str::to_owned);
        Ok(user_agent.map(|user_agent| CarriedSession::new(at, cookies, user_agent)))
    }
}

/// A cookie, if it is for the host of the address.
fn carried(cookie: &Value, at: &Url) -> Option<CarriedCookie> {
    let text = |name: &str| cookie.get(name).and_then(Value::as_str);
    let is = |name: &str| cookie.get(name).and_then(Value::as_bool) == Some(true);
    let (name, value, domain) = (text("name")?, text("value")?, text("domain")?);
    let host = at.host_str()?;
    let is_alone = domain.trim_start_matches('.') == host;
    is_for(host, domain).then(|| CarriedCookie {
        name: name.to_owned(),
        value: SecretString::from(value),
        is_kept: is("httpOnly") && is_alone && (is("secure") || at.scheme() != "https"),
    })
}

/// Whether a cookie of a domain goes to a host: that of its own, or where it begins with a dot, all
/// below it (RFC 6265 section 5.1.3).
fn is_for(host: &str, domain: &str) -> bool {
    domain.strip_prefix('.').map_or(host == domain, |domain| {
        let below = host.strip_suffix(domain);
        below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::its_own("example.okta.com", true)]
    #[case::of_the_domain(".okta.com", true)]
    #[case::of_its_own_domain(".example.okta.com", true)]
    #[case::of_the_domain_alone("okta.com", false)]
    #[case::another("other.okta.com", false)]
    #[case::one_that_ends_alike(".ample.okta.com", false)]
    fn a_cookie_goes_to_its_host(#[case] domain: &str, #[case] is: bool) {
        let cookie = json!({ "name": "sid", "value": "x", "domain": domain });
        let at = Url::parse("https://example.okta.com/oauth2/aus1/v1/authorize").expect("a URL");
        assert_eq!(carried(&cookie, &at).is_some(), is);
    }

    #[rstest]
    #[case::for_the_org("example.okta.com", true, true, true)]
    #[case::for_scripts("example.okta.com", false, true, false)]
    #[case::in_clear("example.okta.com", true, false, false)]
    #[case::for_every_org(".okta.com", true, true, false)]
    fn a_cookie_is_kept_or_not(
        #[case] domain: &str,
        #[case] http_only: bool,
        #[case] secure: bool,
        #[case] is: bool,
    ) {
        let cookie = json!({
            "name": "sid", "value": "x", "domain": domain, "httpOnly": http_only, "secure": secure,
        });
        let at = Url::parse("https://example.okta.com/oauth2/aus1/v1/authorize").expect("a URL");
        let cookie = carried(&cookie, &at).expect("a cookie");
        assert_eq!(cookie.is_kept, is);
    }
}
