//! What a request asks for: a code, an access token, an ID token.

/// Which of the three a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) token: bool,
    pub(crate) id_token: bool,
}

impl ResponseType {
    /// Reads `code`, `token` and `id_token` in any order, each at most once.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut parsed = Self::default();
        for word in value.split(' ').filter(|word| !word.is_empty()) {
            let flag = match word {
                "code" => &mut parsed.code,
                "token" => &mut parsed.token,
                "id_token" => &mut parsed.id_token,
                _ => return None,
            };
            if std::mem::replace(flag, true) {
                return None;
            }
        }
        (parsed != Self::default()).then_some(parsed)
    }

    /// The same, with both tokens where it asks for one.
    pub(crate) fn with_both_tokens(self) -> Self {
        let both = self.has_tokens();
        Self {
            token: both,
            id_token: both,
            ..self
        }
    }

    /// Whether tokens come through the browser.
    pub(crate) fn has_tokens(self) -> bool {
        self.token || self.id_token
    }

    /// The names of what is asked.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.code, "code"),
            (self.token, "token"),
            (self.id_token, "id_token"),
        ];
        all.into_iter()
            .filter_map(|(asked, name)| asked.then_some(name))
    }

    /// The grant types an access policy is asked for.
    pub(crate) fn grant_types(self) -> Vec<&'static str> {
        let code = self.code.then_some("authorization_code");
        let tokens = self.has_tokens().then_some("implicit");
        code.into_iter().chain(tokens).collect()
    }
}
