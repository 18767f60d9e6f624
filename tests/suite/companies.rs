//! Companies after public APIs of many kinds, and of shapes of their own: what each says of its API
//! and org is understood, sent and answered as it is, a right one is green, and a broken one is red
//! at the right step.
//!
//! A company is a model in `companies/`, one of an unusual shape in `companies/shapes/`;
//! `companies/verdicts/` says by hand who uses what of it, and `companies/broken/` has what is
//! broken of one, as a scenario of which the findings that count are named.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use okta_e2e::config::Profile;
use okta_e2e::model::{Endpoint, Needs, OrgModel, TestUser};
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;
use serde::Deserialize;

use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

/// Who uses which endpoint, by what a run calls them: everything else is refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Verdict {
    /// Test users who get no token at all.
    nothing: BTreeSet<String>,
    user: BTreeMap<String, BTreeSet<String>>,
    service: BTreeMap<String, BTreeSet<String>>,
}

impl Verdict {
    fn of(company: &Path) -> Self {
        let name = company.file_name().expect("a name");
        let file = file("tests/suite/companies/verdicts").join(name);
        let text = std::fs::read_to_string(&file).expect("each company has a verdict");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    fn assert_comes_true(&self, model: &OrgModel, verified: &Verified) {
        let users: BTreeSet<&str> = model.users.iter().map(TestUser::name).collect();
        let named = self.nothing.iter().chain(self.user.keys());
        assert_eq!(named.map(String::as_str).collect::<BTreeSet<_>>(), users);
        let met = || verified.record.results.iter().filter(|it| it.is_met());
        for name in &users {
            let of_user = |result: &&RecordedResult| is_of(result, name);
            let is_refusal = |result: &&RecordedResult| {
                let refused = format!("access::{}_is_refused_", name.to_ascii_lowercase());
                result.name.starts_with(&refused)
            };
            let (refused, used): (Vec<_>, Vec<_>) = met().filter(of_user).partition(is_refusal);
            let wanted = self.user.get(*name).cloned().unwrap_or_default();
            assert_eq!(endpoints(used), wanted, "what {name} uses");
            let gets_tokens = !self.nothing.contains(*name);
            let scopes = if gets_tokens {
                with_scopes(model)
            } else {
                BTreeSet::new()
            };
            assert_eq!(
                endpoints(refused),
                scopes,
                "what is refused without its scope: {name}"
            );
        }
        for service in &model.services {
            let of = |id: &'static str| {
                let own = |it: &&RecordedResult| it.id == id && case_of(it) == service.name();
                endpoints(met().filter(own).collect())
            };
            let wanted = self
                .service
                .get(service.name())
                .cloned()
                .unwrap_or_default();
            assert_eq!(of("access::the_service_may_use_the_endpoint"), wanted);
            let others = with_scopes(model).difference(&wanted).cloned().collect();
            assert_eq!(of("access::the_service_is_refused_the_endpoint"), others);
        }
        let of = |id: &str| endpoints(met().filter(|it| it.id.starts_with(id)).collect());
        let ids = |is_public: bool| {
            let such = model
                .endpoints
                .iter()
                .filter(|it| it.is_public() == is_public);
            such.map(|it| it.id().to_owned()).collect::<BTreeSet<_>>()
        };
        assert_eq!(of("access::a_request_without_token_is_refused"), ids(false));
        assert_eq!(of("access::anybody_reads_"), ids(true));
    }
}

/// Whether a result is about what a user's token does at an endpoint.
fn is_of(result: &RecordedResult, name: &str) -> bool {
    let subject = result.subject.as_ref();
    let is_at_endpoint = result.name.starts_with("access::");
    is_at_endpoint && subject.is_some_and(|it| it.user.as_deref() == Some(name))
}

fn case_of(result: &RecordedResult) -> &str {
    let subject = result.subject.as_ref();
    subject
        .and_then(|it| it.case.as_deref())
        .unwrap_or_default()
}

fn endpoints(results: Vec<&RecordedResult>) -> BTreeSet<String> {
    let subjects = results.into_iter().filter_map(|it| it.subject.as_ref());
    subjects.filter_map(|it| it.endpoint.clone()).collect()
}

/// The endpoints that need scopes: everybody is refused there without them.
fn with_scopes(model: &OrgModel) -> BTreeSet<String> {
    let needs_some = |it: &&Endpoint| matches!(it.needs(), Needs::All(_) | Needs::Any(_));
    let such = model.endpoints.iter().filter(needs_some);
    such.map(|it| it.id().to_owned()).collect()
}

/// A strict run is green, and nothing is left out but what no target has.
async fn assert_is_green(world: &mut World, profile: Profile) -> Verified {
    // What is green there is green in any other run.
    world.config.strict = true;
    world.config.profile = profile;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let results = verified.record.results.iter();
    let unseen = results.filter(|result| result.outcome.word() == "not_checked");
    let blamable = unseen.filter(|result| result.cause != Some(Cause::NotApplicable));
    let blamable: Vec<_> = blamable.map(|it| (&it.name, &it.reason)).collect();
    assert!(blamable.is_empty(), "{blamable:#?}");
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 0, "{}", run.verdict);
    verified
}

#[rstest]
#[tokio::test]
async fn a_right_company_is_green(#[files("tests/suite/companies/*.toml")] file: PathBuf) {
    let path = file.to_str().expect("a path in UTF-8");
    let mut world = World::of(path, Sandbox::builder()).await;
    let verified = assert_is_green(&mut world, Profile::Standard).await;
    Verdict::of(&file).assert_comes_true(&world.model, &verified);
}

/// What is sent beside the document's requests is no other for them.
#[rstest]
#[tokio::test]
async fn a_right_company_of_another_shape_is_green(
    #[files("tests/suite/companies/shapes/*.toml")] file: PathBuf,
) {
    let path = file.to_str().expect("a path in UTF-8");
    let mut world = World::of(path, Sandbox::builder()).await;
    let verified = assert_is_green(&mut world, Profile::Document).await;
    Verdict::of(&file).assert_comes_true(&world.model, &verified);
}

#[rstest]
#[tokio::test]
async fn a_broken_company_is_red_at_the_right_step(
    #[files("tests/suite/companies/broken/*.toml")] file: PathBuf,
) {
    let broken = Scenario::read(&file);
    let verified = broken.world().await.verify().await;
    broken.assert_blames(&verified);
}

/// Where no service is known, nobody is answered there, and what is refused proves nothing.
#[tokio::test]
async fn what_is_refused_at_an_endpoint_of_services_proves_nothing_without_them() {
    let pipeline = "tests/suite/companies/shapes/pipeline.toml";
    let mut world = World::of(pipeline, Sandbox::builder()).await;
    world.access.services.clear();
    let trial = "access::a_request_without_token_is_refused";
    let verified = world.verify_filtered(trial).await;
    let named = |endpoint: &str| format!("{trial}[{endpoint}]");
    assert_eq!(names(&verified, "met"), [named("/batches/1")]);
    let of_services = ["/batches/1/raw", "POST /batches"].map(named);
    assert_eq!(names(&verified, "not_checked"), of_services);
}

/// So many scopes, each of an endpoint of its own: one group has all of them, another a few.
const SCOPES: usize = 60;
const FEW: usize = 2;

fn of_sixty_scopes() -> String {
    let scopes = |count: usize| (0..count).map(|at| format!("\"unit-{at}.read\""));
    let list = |count: usize| scopes(count).collect::<Vec<_>>().join(", ");
    let mut text = "title = \"sixty scopes\"\n".to_owned();
    for (at, scope) in scopes(SCOPES).enumerate() {
        let open_to = if at < FEW {
            "[\"all\", \"few\"]"
        } else {
            "[\"all\"]"
        };
        let _ = writeln!(
            text,
            "[[endpoint]]\npath = \"/units/{at}\"\nscope = {scope}\nopen_to = {open_to}\n\
             answers = {{ unit = {at} }}\n[[scope]]\nname = {scope}"
        );
    }
    for (group, count) in [("all", SCOPES), ("few", FEW)] {
        let _ = writeln!(
            text,
            "[[group]]\nname = \"{group}\"\n[[user]]\nname = \"{}\"\ngroups = [\"{group}\"]\n\
             [[policy.rule]]\nname = \"{group}\"\ngroups = [\"{group}\"]\n\
             scopes = [\"openid\", {}]\ngrant_types = [\"authorization_code\"]\n\
             access_token_lifetime_minutes = 60",
            group.to_uppercase(),
            list(count),
        );
    }
    text + "[authorization_server]\nname = \"Units\"\naudience = \"units\"\n[policy]\n\
            name = \"Units\"\n[client]\nlabel = \"Units\"\napplication_type = \"web\"\n\
            grant_types = [\"authorization_code\"]\nresponse_types = [\"code\"]\n\
            token_endpoint_auth_method = \"client_secret_basic\"\n\
            redirect_uri = \"http://localhost:8080/callback\"\n\
            assigned_groups = [\"all\", \"few\"]\n"
}

/// Each scope is asked for alone by both, given to whom it must be, and opens its endpoint alone.
#[tokio::test]
async fn a_company_of_sixty_scopes_is_green() {
    let model = OrgModel::parse(Path::new("sixty.toml"), &of_sixty_scopes());
    let model = model.expect("the model is right");
    let mut world = World::of_model(model, Sandbox::builder()).await;
    let verified = assert_is_green(&mut world, Profile::Document).await;
    let met = |id: &str, user: &str| {
        let results = verified.record.results.iter().filter(|it| it.is_met());
        let named = results.filter(|it| it.id == id && it.name.contains(&format!("[{user} ")));
        named.count()
    };
    // Nothing, each alone, a rule's all with one more, and all.
    assert_eq!(
        met("step_5_authorize::the_user_gets_tokens", "ALL"),
        SCOPES + 2
    );
    assert_eq!(
        met("step_5_authorize::the_user_gets_tokens", "FEW"),
        FEW + 2
    );
    let denied = "step_5_authorize::the_user_is_denied_the_scopes";
    assert_eq!(met(denied, "FEW"), SCOPES - FEW + 2);
    let reads = |user: &str| {
        let results = verified.record.results.iter().filter(|it| it.is_met());
        let name = format!("access::{user}_reads_");
        endpoints(results.filter(|it| it.name.starts_with(&name)).collect()).len()
    };
    assert_eq!((reads("all"), reads("few")), (SCOPES, FEW));
}
