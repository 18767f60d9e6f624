//! A case that changes a value in a way that leaves it as it is: what it sends is right then, and
//! proves nothing. A scope without dots is itself with other letters for its dots.

use super::case::Case;
use super::credential::{Change, Credential, TokenOf};
use super::material::Material;
use super::template;

/// More bytes than most tokens have.
const LARGE: usize = 4000;

impl Case {
    /// The form of a value of the run that is the value itself, if the case sends one.
    #[must_use]
    pub fn unchanged(&self, material: &Material<'_>) -> Option<String> {
        let texts: Vec<String> = self.texts().collect();
        let forms = texts.iter().flat_map(|text| template::forms_in(text));
        let mut same = forms.filter(|name| material.is_unchanged(name));
        same.next().map(|name| name.replace('.', " in the form "))
    }

    /// Whether something in it is so large that a check may not take it.
    #[must_use]
    pub fn is_large(&self) -> bool {
        let of_text = self.credential.iter().filter_map(|made| match &made.token {
            TokenOf::Text(text) => Some(text.len()),
            TokenOf::Access | TokenOf::Id => None,
        });
        let repeated = |name: &str| {
            let (text, times) = name.split_once('*')?;
            Some(text.repeat(times.parse().ok()?))
        };
        let size = |text: String| template::fill(&text, &repeated).len();
        let sizes = self.texts().map(size).chain(of_text);
        sizes.max().is_some_and(|size| size >= LARGE)
    }

    /// Its templates: of what is presented, and of what else is sent.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        let recipe = self.credential.iter().flat_map(Credential::texts);
        let request = self.request.templates().map(str::to_owned);
        recipe.chain(request)
    }
}

impl Credential {
    /// The templates of its recipe.
    fn texts(&self) -> impl Iterator<Item = String> {
        self.recipe.iter().filter_map(|change| match change {
            Change::SetHeader { value, .. } | Change::SetClaim { value, .. } => {
                Some(value.to_string())
            }
            Change::HeaderText(text) | Change::PayloadText(text) | Change::Assemble(text) => {
                Some(text.clone())
            }
            Change::RemoveHeader(_)
            | Change::RemoveClaim(_)
            | Change::PayloadBytes(_)
            | Change::Sign(_) => None,
        })
    }
}
