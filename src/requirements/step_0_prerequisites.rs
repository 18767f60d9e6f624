//! Step 0: an Okta org with API Access Management, and clocks that agree.

use jiff::SignedDuration;

use super::found::Code;
use super::see;
use super::step::Step;
use super::trial::{Fix, Judgement, Trial};
use crate::observation::{Need, NotSeen, Symptom};

/// Validators allow so much between two clocks; Okta's own samples use up to five minutes.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(120);

pub(super) fn trials() -> Vec<Trial> {
    vec![org_answers(), api_access_management(), clocks_agree()]
}

fn org_answers() -> Trial {
    let step = Step::Prerequisites;
    Trial::new(
        step,
        "an_okta_org_answers",
        see::AUTHORIZATION_SERVERS,
        [Need::Organization],
        |context| {
            let org = context.seen.organization.as_ref().map_err(Clone::clone)?;
            let Some(org) = org else {
                if !context.model.provider.has_management_api() {
                    return Err(NotSeen::not_applicable("the provider is not Okta"));
                }
                let fix = Fix::new(
                    "set OKTA_CLIENT_ORGURL to the org, without `-admin`: a proxy or a gateway \
                     answers in its place",
                    "GET /.well-known/okta-organization",
                );
                let expected = "an Okta org that tells its id";
                return Ok(Judgement::not_met(
                    Code::NoOktaOrg,
                    expected,
                    "something else answers",
                    fix,
                ));
            };
            let engine = match org.pipeline.as_deref() {
                Some("idx") => "Identity Engine",
                Some("v1") => "Classic Engine",
                _ => "an engine that it does not name",
            };
            Ok(Judgement::met_with(format!("{} on {engine}", org.id)))
        },
    )
    .informative()
}

fn api_access_management() -> Trial {
    let step = Step::Prerequisites;
    let name = "the_org_has_api_access_management";
    Trial::new(
        step,
        name,
        see::API_ACCESS_MANAGEMENT,
        [Need::Server],
        |context| match &context.seen.org.server {
            Err(reason) if reason.reason.contains("E0000015") => {
                let fix = Fix::new(
                    "ask Okta for API Access Management, or use an Integrator Free Plan org",
                    "GET /api/v1/authorizationServers answers 401 E0000015 without it",
                );
                let expected = "an org that may have custom authorization servers";
                Ok(Judgement::not_met(
                    Code::NoApiAccessManagement,
                    expected,
                    &reason.reason,
                    fix,
                ))
            }
            Err(reason) => Err(reason.clone()),
            Ok(_) => Ok(Judgement::met()),
        },
    )
    .explains(|_, symptom| matches!(symptom, Symptom::NoTokens { .. }))
}

fn clocks_agree() -> Trial {
    let step = Step::Prerequisites;
    let name = "the_clocks_of_org_and_suite_agree";
    Trial::new(step, name, see::ACCESS_TOKEN, [Need::Metadata], |context| {
        let ahead = context.seen.clock_ahead.clone()?;
        let seconds = ahead.as_secs();
        let way = if seconds < 0 { "behind" } else { "ahead" };
        let seen = format!("the org's clock is {} s {way}", seconds.abs());
        if ahead.abs() <= CLOCK_TOLERANCE {
            return Ok(Judgement::met());
        }
        let fix = Fix::new(
            "set the clock of the machine that runs the suite (and of your API) by NTP",
            "none: compare the Date header of any answer of the org with your clock",
        );
        let expected = format!("a difference of at most {} s", CLOCK_TOLERANCE.as_secs());
        Ok(Judgement::not_met(Code::ClocksApart, expected, seen, fix))
    })
    .advised()
}
