//! What a brand and a language make of a sign-in page.

use minijinja::{Value, context};

use crate::options::{Language, Look};
use crate::state::AppState;

/// Words of a brand's own, by the keys of Okta's widget.
const OWN_WORDS: &str = include_str!("texts_own.json");

/// The same in Arabic, which the widget has no words for.
const ARABIC_WORDS: &str = include_str!("texts_ar.json");

/// The values of a page's template.
pub(super) fn look(state: &AppState) -> Value {
    let language = state.options.language;
    let direction = match language {
        Language::Arabic => "rtl",
        _ => "ltr",
    };
    context! {
        language => language.code(),
        direction => direction,
        i18n => words(language, state.options.look),
        surrounded => state.options.look == Look::Surrounded,
        watch => state.options.watches_sign_in.then_some(include_str!("watch.js")),
    }
}

/// The texts that are not the widget's, as a script writes them.
fn words(language: Language, look: Look) -> String {
    let words = match (language, look) {
        (Language::Arabic, _) => ARABIC_WORDS,
        (_, Look::OwnWords) => OWN_WORDS,
        _ => return "{}".to_owned(),
    };
    format!("{{\"{}\": {words}}}", language.code())
}
