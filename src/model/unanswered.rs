//! Questions in a model that was written of an org: it is no model while one of them stands in it,
//! so that nothing of the org becomes the intent without a look.

use serde::Deserialize;
use toml::Spanned;

use super::places::line_at;

#[derive(Deserialize)]
struct Asking {
    #[serde(default)]
    unanswered: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    question: Spanned<String>,
}

/// The questions that a text still asks, each with its line.
pub(super) fn questions(text: &str) -> Vec<String> {
    let asking: Option<Asking> = toml::from_str(text).ok();
    let asked = asking.into_iter().flat_map(|asking| asking.unanswered);
    asked
        .map(|asked| {
            let line = line_at(text, asked.question.span().start);
            format!(
                "line {line}: not answered yet: {} (then remove this [[unanswered]] table)",
                asked.question.get_ref()
            )
        })
        .collect()
}
