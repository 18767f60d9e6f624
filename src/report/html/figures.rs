//! The figures of a run: how long tokens live, how late the API lets them in, how old the key is
//! that signs them, and how long the run waited.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::report::record::{Record, RecordedResult};
use crate::requirements::{LEEWAY, LIFETIME};

/// One figure of a run.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Figure {
    name: &'static str,
    words: String,
}

/// What the record has of them.
pub(super) fn figures(record: &Record) -> Vec<Figure> {
    let lifetimes = seconds(record, LIFETIME, |result| Some(kind_of_token(&result.id)));
    let leeways = seconds(record, LEEWAY, |result| {
        result.subject.as_ref()?.endpoint.as_deref()
    });
    let figures = [
        ("tokens live", lifetimes),
        ("let in past expiry", leeways),
        ("signing key", age_of_key(record)),
        ("waited", waited(record)),
    ];
    let figures = figures.into_iter();
    figures
        .filter_map(|(name, words)| words.map(|words| Figure { name, words }))
        .collect()
}

fn kind_of_token(id: &str) -> &'static str {
    if id.contains("id_token") {
        "ID token"
    } else {
        "access token"
    }
}

/// Each number of seconds that was observed under a name, by what it is of.
fn seconds<'a>(
    record: &'a Record,
    name: &str,
    of: impl Fn(&'a RecordedResult) -> Option<&'a str>,
) -> Option<String> {
    let mut found: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let observed = record.results.iter();
    for result in observed.filter(|result| result.observed.has(name)) {
        let value = result.observed.texts().remove(name);
        if let (Some(seconds), Some(of)) = (value.and_then(|it| it.parse().ok()), of(result)) {
            found.entry(of).or_default().insert(seconds);
        }
    }
    let words = found.into_iter().map(|(of, seconds)| {
        let seconds: Vec<String> = seconds.iter().map(|it| format!("{it} s")).collect();
        format!("{of} {}", seconds.join(" or "))
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Days that the key had been in use when the run began.
fn age_of_key(record: &Record) -> Option<String> {
    let rotated = record.run.signing_key_rotated.as_deref()?;
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let age = time(&record.run.started)?.duration_since(time(rotated)?);
    let days = age.as_hours().max(0) / 24;
    let plural = if days == 1 { "" } else { "s" };
    Some(format!(
        "rotated {rotated}, {days} day{plural} before the run"
    ))
}

fn waited(record: &Record) -> Option<String> {
    let seconds = record.run.waited_seconds;
    (seconds > 0.0)
        .then(|| format!("{seconds:.1} s for rate limits, and before what was asked again"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::report::record::Run;

    fn words(run: Run, name: &str) -> Option<String> {
        let figures = figures(&Record::new(run, Vec::new()));
        let mut figures = figures.into_iter();
        let found = figures.find(|figure| figure.name == name);
        found.map(|figure| figure.words)
    }

    #[rstest]
    #[case::of_months("2026-01-31T00:00:00Z", "2026-01-01T12:00:00.000Z", "29 days")]
    #[case::of_a_day("2026-01-03T00:00:00Z", "2026-01-01T12:00:00.000Z", "1 day")]
    #[case::of_this_minute("2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z", "0 days")]
    fn the_key_is_as_old_as_its_rotation_is_ago(
        #[case] started: &str,
        #[case] rotated: &str,
        #[case] age: &str,
    ) {
        let run = Run {
            started: started.to_owned(),
            signing_key_rotated: Some(rotated.to_owned()),
            ..Run::default()
        };
        let wanted = format!("rotated {rotated}, {age} before the run");
        assert_eq!(words(run, "signing key"), Some(wanted));
    }

    #[rstest]
    #[case::nothing(0.0, None)]
    #[case::a_minute(61.04, Some("61.0 s for rate limits, and before what was asked again"))]
    fn what_a_run_waited_is_said_where_it_did(#[case] seconds: f64, #[case] wanted: Option<&str>) {
        let run = Run {
            waited_seconds: seconds,
            ..Run::default()
        };
        assert_eq!(words(run, "waited").as_deref(), wanted);
    }
}
