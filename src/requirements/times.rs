//! Times in tokens: when they were issued, from when and for how long they are good, and when the
//! user signed in.

use serde_json::Value;

use super::claims::{Checked, View, Wrong, shown};
use super::trial::LIFETIME;

/// How far two clocks may be apart, in seconds; the org's own clock is taken into account first.
pub(super) const LEEWAY_SECONDS: i64 = 60;

/// `iat`: while the request was under way, by the org's own clock; `nbf`, where there is one, not
/// after that (RFC 7519 section 4.1.5).
pub(super) fn issued_at(view: &View<'_>) -> Checked {
    let earliest = org_time(view, view.answer.authorization.started) - LEEWAY_SECONDS;
    let latest = org_time(view, view.answer.tokens.received) + LEEWAY_SECONDS;
    within(
        "iat",
        view,
        earliest,
        latest,
        "the time of the request, in seconds",
    )?;
    if view.claim("nbf").is_none() {
        return Ok(());
    }
    within(
        "nbf",
        view,
        i64::MIN,
        latest,
        "not after the time of the request, in seconds",
    )
}

/// `auth_time`: when the credentials were typed, and not after `iat`.
pub(super) fn authenticated_at(view: &View<'_>) -> Checked {
    // Whose credentials were not typed in this run may have signed in at any time before.
    let typed = view.answer.authorization.signed_in;
    let earliest = typed.map_or(i64::MIN, |typed| org_time(view, typed) - LEEWAY_SECONDS);
    let received = org_time(view, view.answer.tokens.received) + LEEWAY_SECONDS;
    let latest = view.number("iat").unwrap_or(received);
    within(
        "auth_time",
        view,
        earliest,
        latest,
        "the time of the sign-in, not after iat",
    )
}

/// `exp`: so many seconds after `iat`.
pub(super) fn lifetime(view: &View<'_>, seconds: i64) -> Checked {
    let times = (view.number("iat"), view.number("exp"));
    let expected = format!("exp = iat + {seconds} s");
    match times {
        (Some(iat), Some(exp)) => {
            let lives = exp.saturating_sub(iat);
            view.keep(LIFETIME, lives);
            if lives == seconds {
                return Ok(());
            }
            Err(Wrong::new(expected, format!("exp = iat + {lives} s")))
        }
        _ => Err(Wrong::new(
            expected,
            "iat or exp is no number of seconds".to_owned(),
        )),
    }
}

/// A claim that is a time between these two, in seconds.
pub(super) fn within(
    claim: &str,
    view: &View<'_>,
    earliest: i64,
    latest: i64,
    wanted: &str,
) -> Checked {
    match view.number(claim) {
        Some(found) if (earliest..=latest).contains(&found) => Ok(()),
        Some(found) => {
            if let Err(reason) = &view.context.seen.clock_ahead {
                let reason = &reason.reason;
                view.cannot_tell(&format!("the org's clock is not known: {reason}"));
                return Ok(());
            }
            let off = if found < earliest {
                earliest.abs_diff(found)
            } else {
                found.abs_diff(latest)
            };
            Err(Wrong::new(
                format!("{claim}: {wanted}"),
                format!("{off} s off"),
            ))
        }
        None => Err(Wrong::new(
            format!("{claim}: {wanted}"),
            no_time(view.claim(claim)),
        )),
    }
}

/// What stands in the place of a time in seconds.
fn no_time(found: Option<&Value>) -> String {
    let is_broken = found.is_some_and(Value::is_number);
    let form = if is_broken {
        ", which is no number of seconds"
    } else {
        ""
    };
    format!("{}{form}", shown(found))
}

/// This machine's time by the org's clock; by its own, where the org does not tell the time.
pub(super) fn org_time(view: &View<'_>, time: jiff::Timestamp) -> i64 {
    let ahead = view
        .context
        .seen
        .clock_ahead
        .as_ref()
        .map_or(0, jiff::SignedDuration::as_secs);
    time.as_second() + ahead
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// As a number it may look like the time itself.
    #[rstest]
    #[case::too_great(json!(1e300), "1e+300, which is no number of seconds")]
    #[case::text(json!("1795904942"), "\"1795904942\"")]
    fn a_time_that_is_no_number_of_seconds_says_so(#[case] found: Value, #[case] said: &str) {
        assert_eq!(no_time(Some(&found)), said);
    }
}
