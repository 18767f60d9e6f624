//! Pages and redirects of megabytes: a report stays one that can be opened.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Evidence, Known, Landing, SecretUrl, StopPage, UserAgent, UserAgents, Visit,
};
use okta_e2e::report;
use rstest::rstest;
use tempfile::TempDir;

use crate::support::world::World;

/// Where every visit ends.
#[derive(Clone, Copy)]
enum End {
    Heading,
    ErrorPage,
    Description,
    Parameters,
}

impl UserAgents for End {
    fn description(&self) -> &'static str {
        "a browser at a huge page"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        async { Ok(Box::new(*self) as Box<dyn UserAgent + '_>) }.boxed()
    }
}

impl UserAgent for End {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        let evidence = Evidence {
            title: "T".repeat(1_000_000),
            ..Evidence::default()
        };
        let redirected = |fragment: String| {
            let mut url = visit.redirect_uri.clone();
            url.set_fragment(Some(&fragment));
            Landing::Redirected {
                url: SecretUrl::new(url),
                signed_in: true,
            }
        };
        let landing = match self {
            Self::Heading => Landing::Stopped {
                known: Known::default(),
                kind: StopPage::Consent,
                heading: "H".repeat(2_000_000),
                evidence,
            },
            Self::ErrorPage => Landing::ErrorPage {
                heading: "H".repeat(2_000_000),
                code: Some("C".repeat(1_000_000)),
                description: Some("D".repeat(1_000_000)),
                evidence,
            },
            Self::Description => {
                let text = "B".repeat(1_000_000);
                redirected(format!("error=access_denied&error_description={text}"))
            }
            Self::Parameters => {
                let pairs = (0..20_000).map(|number| format!("p{number}=v"));
                redirected(pairs.collect::<Vec<_>>().join("&"))
            }
        };
        async { Ok(landing) }.boxed()
    }

    /// Nothing is typed where every visit ends at once.
    fn passwords_submitted(&self) -> usize {
        0
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        None
    }
}

#[rstest]
#[case::heading(End::Heading, "HHH… (1,999,700 characters more)")]
#[case::error_page(End::ErrorPage, "DDD… (999,700 characters more)")]
#[case::description(End::Description, "BBB… (")]
#[case::parameters(End::Parameters, "p19 and 19,980 more")]
#[tokio::test]
async fn what_is_huge_is_cut_and_said_to_be(#[case] end: End, #[case] says: &str) {
    let world = World::new().await;
    let verified = world.verify_with(Some(&end)).await;
    let folder = TempDir::new().expect("a folder");
    let written = report::write(&verified.record, &[], folder.path()).expect("written");
    let record = std::fs::read_to_string(&written.record).expect("the record");
    assert!(record.contains(says), "{says} is not in the record");
    assert!(record.len() < 1_200_000, "{} bytes", record.len());
    let files = std::fs::read_dir(folder.path()).expect("a folder");
    let bytes = files.map(|file| file.expect("a file").metadata().expect("its size").len());
    let bytes: u64 = bytes.sum();
    assert!(bytes < 5_000_000, "{bytes} bytes");
    let lines = report::findings(&verified.record).into_iter();
    for line in lines.chain(report::checklist(&verified.record)) {
        let theirs = |letter: char| line.chars().filter(|c| *c == letter).count();
        let most = ['H', 'T', 'C', 'D', 'B'].map(theirs).into_iter().max();
        assert!(most.unwrap_or_default() <= 310, "{line}");
    }
}
