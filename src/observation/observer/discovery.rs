//! Metadata and keys.

use std::time::Duration;

use tokio::time::{Instant, interval};
use url::Url;

use super::{Observer, Plan, clock_ahead};
use crate::escape::excerpt;
use crate::observation::missing;
use crate::observation::{Need, NotSeen, Observations, Seen};
use crate::openid::{Answer, HttpError, KeySet, Metadata, Reach, Use};

/// What no other document has: where one of them is wrong or missing, it is metadata all the same.
const OF_METADATA: [&str; 3] = ["issuer", "authorization_endpoint", "token_endpoint"];

/// How long a key that signs may be published later than it signs.
const KEYS_LAG: Duration = Duration::from_secs(2);

impl Observer<'_> {
    /// Looks at the metadata documents and the keys.
    pub(super) async fn discover(&self, plan: &Plan, seen: &mut Observations) {
        if !plan.needs(&Need::Metadata) {
            return;
        }
        let (openid, oauth) = tokio::join!(
            self.document("openid-configuration"),
            self.document("oauth-authorization-server"),
        );
        seen.clock_ahead = openid
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|(_, answer)| {
                let date = answer
                    .header("date")
                    .and_then(|date| clock_ahead(date, answer.at));
                date.ok_or_else(|| NotSeen::inconclusive("the server sends no Date header"))
            });
        seen.metadata = openid.and_then(|(url, answer)| self.read(&url, &answer));
        seen.oauth_metadata = oauth.and_then(|(url, answer)| self.read(&url, &answer));
        if let (Ok(metadata), Ok(other)) = (&mut seen.metadata, &seen.oauth_metadata) {
            metadata.extend_response_types(other);
        }
        seen.other_issuer = self.other_issuer(&seen.metadata).await;
        if let Some(other) = &seen.other_issuer {
            self.progress.say(&other.words(&self.facts.issuer));
        }
        if plan.needs(&Need::Keys) {
            seen.keys = self.keys(seen).await;
        }
    }

    fn read(&self, url: &Url, answer: &Answer) -> Seen<Metadata> {
        let is_okta = self.model.provider.has_management_api();
        let place = if is_okta {
            " (Security > API > Authorization Servers > Issuer URI), and that the server is active"
        } else {
            ": it must be exactly the issuer"
        };
        // Okta says in JSON that there is no such server: api/v1 and oauth2 have one form of
        // errors.
        let is_foreign = is_okta && answer.is_for_people();
        let who = is_foreign.then(|| {
            format!(
                " with {}, which is no answer of Okta's: if a proxy or firewall stands before the \
                 org, it must let /.well-known/ through",
                self.secrets.quote(&answer.quoted())
            )
        });
        let who = who.unwrap_or_default();
        let read = Metadata::read(url, answer);
        if read.is_err() && answer.is_in_place_of(url, &OF_METADATA) {
            return Err(self.in_its_place(url, answer, "OKTA_OAUTH2_ISSUER"));
        }
        read.map_err(|reason| {
            let reason = format!("{reason}{who}; check OKTA_OAUTH2_ISSUER{place}");
            // A server that is there and says no is a fact; one that fails could not be looked at.
            if answer.status.is_server_error() || answer.status.as_u16() == 429 {
                NotSeen::failed(reason)
            } else if is_foreign {
                missing::held_back(reason)
            } else {
                missing::no_metadata(reason)
            }
        })
    }

    /// Nothing was seen of a server in whose place something else answers.
    pub(super) fn in_its_place(&self, url: &Url, answer: &Answer, variable: &str) -> NotSeen {
        let (status, elsewhere) = (answer.status, answer.redirect_words(url));
        let with = elsewhere.is_empty().then(|| {
            let quoted = self.secrets.quote(&answer.quoted());
            format!(" with {quoted}")
        });
        NotSeen::failed(format!(
            "{url} answers {status}{elsewhere}{}, which is no answer of the org: a VPN, a proxy or \
             the sign-in page of a network answers in its place, or {variable} names something \
             else",
            with.unwrap_or_default()
        ))
    }

    async fn document(&self, name: &str) -> Seen<(Url, Answer)> {
        self.document_of(&self.facts.issuer, name).await
    }

    /// A document of an authorization server.
    pub(super) async fn document_of(&self, issuer: &str, name: &str) -> Seen<(Url, Answer)> {
        let url = Metadata::url(issuer, name).map_err(NotSeen::failed)?;
        let answer = self.http.get(&url).await.map_err(failed)?;
        Ok((url, answer))
    }

    /// Keys may lag behind a rotation, of which one server of several knows before the others: a
    /// token that names an unknown one has them fetched again, for a while. A key that was
    /// published when the token came stays known.
    pub(super) async fn look_for_new_keys(&self, seen: &mut Observations) {
        let (mut again, began) = (interval(KEYS_LAG / 4), Instant::now());
        let mut is_told = false;
        while let Some(missing) = missing_key(seen)
            && began.elapsed() < KEYS_LAG
        {
            if !is_told {
                is_told = true;
                self.http.shared_retries().tell(format!(
                    "the keys are fetched again: a token names `{}`",
                    excerpt(&missing)
                ));
            }
            again.tick().await;
            if let Ok(fetched) = self.keys(seen).await
                && let Ok(known) = &mut seen.keys
            {
                known.extend(fetched);
            }
        }
    }

    /// Where look-ups may lead that the metadata names.
    pub(super) fn reach(&self) -> Reach {
        Reach::of(&self.facts.issuer, self.access.trusted_origins())
    }

    async fn keys(&self, seen: &Observations) -> Seen<KeySet> {
        let named = &seen.metadata.as_ref().map_err(Clone::clone)?.jwks_uri;
        let url = named.looked_up(Use::Keys, &self.reach());
        let url = url.map_err(|error| NotSeen::failed(error.to_string()))?;
        let answer = self.http.get(url).await.map_err(failed)?;
        if answer.is_in_place_of(url, &["keys"]) {
            return Err(self.in_its_place(url, &answer, "OKTA_OAUTH2_ISSUER"));
        }
        if answer.status != reqwest::StatusCode::OK {
            let (status, elsewhere) = (answer.status, answer.redirect_words(url));
            let reason = format!("{named} answers {status}{elsewhere}");
            return Err(NotSeen::failed(reason));
        }
        KeySet::read(&answer.body).map_err(|error| {
            let error = excerpt(&error.to_string());
            NotSeen::failed(format!("{named} is not a key set: {error}"))
        })
    }
}

/// A key that a token names and that is not known.
fn missing_key(seen: &Observations) -> Option<String> {
    let known = seen.keys.as_ref().ok()?;
    let tokens = seen.tokens();
    let mut named = tokens.filter_map(|token| token.header.get("kid")?.as_str());
    named
        .find(|kid| known.find(kid).is_none())
        .map(str::to_owned)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(super) fn failed(error: HttpError) -> NotSeen {
    NotSeen::failed(error.to_string())
}
