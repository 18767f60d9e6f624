//! What is sought in an answer, and where an answer leads that has nothing of it: a refusal by a
//! redirect refuses nothing where that leads to what is open.

use std::collections::BTreeMap;

use reqwest::header::LOCATION;

use super::Observer;
use super::amid::Part;
use super::api::data_of;
use crate::exchange::ApiCall;
use crate::model::Wanted;
use crate::observation::Data;
use crate::openid::{Answer, ApiEndpoint};
use crate::transport::{RawOutcome, RawRequest, USER_AGENT};

/// To so many addresses is followed in a run, each once.
const MOST: usize = 50;

/// What an endpoint protects, and how much of it is enough.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) wanted: Option<Wanted<'a>>,
    pub(super) part: Part,
}

/// Whether data of an endpoint is open where its answers lead, by endpoint and address.
#[derive(Default)]
pub(super) struct Behind(BTreeMap<(String, String), bool>);

impl Observer<'_> {
    /// What is sought in the answer to a request.
    pub(super) fn sought(&self, key: &ApiCall) -> Sought<'_> {
        Sought {
            wanted: self.wanted(key),
            part: Part::of(self.may_read(key)),
        }
    }

    /// Whether an answer leads to data of the endpoint, within the API's own origin, that anybody
    /// can read: asked once, without any credential.
    pub(super) async fn leads_to_data(
        &self,
        answer: &Answer,
        from: &ApiEndpoint,
        sought: Sought<'_>,
    ) -> bool {
        let location = answer.header(LOCATION.as_str());
        let led = location.filter(|_| answer.status.is_redirection());
        let Some(led) = led.and_then(|location| from.led(location)) else {
            return false;
        };
        let mut endpoints = self.model.endpoints.iter();
        let path = led.url().path();
        if endpoints.any(|own| own.is_public() && path.ends_with(own.path_alone())) {
            return false;
        }
        let query = led.url().query().map(|query| format!("?{query}"));
        let target = format!("{path}{}", query.unwrap_or_default());
        let request = RawRequest::new("GET", target)
            .header("Accept", "*/*")
            .header("User-Agent", USER_AGENT);
        match self.http.send_raw(&led, &request).await {
            RawOutcome::Answered(answer) if answer.status.is_success() => {
                let (data, _) = data_of(&Answer::from(answer), sought);
                matches!(data, Data::Amid | Data::Alone)
            }
            _ => false,
        }
    }

    /// The same for a request among many: most lead to the same place.
    pub(super) async fn leads_as_before(
        &self,
        answer: &Answer,
        exchange: &ApiCall,
        from: &ApiEndpoint,
        known: &mut Behind,
    ) -> bool {
        let location = answer.header(LOCATION.as_str()).unwrap_or_default();
        let place = (exchange.endpoint.clone(), location.to_owned());
        if let Some(is_open) = known.0.get(&place) {
            return *is_open;
        }
        if location.is_empty() || known.0.len() >= MOST {
            return false;
        }
        let is_open = self
            .leads_to_data(answer, from, self.sought(exchange))
            .await;
        known.0.insert(place, is_open);
        is_open
    }
}
