//! What a claim says of itself, by the words that Okta's API description has for it
//! (`OAuth2ClaimType`, `OAuth2ClaimValueType`, `OAuth2ClaimGroupFilterType`).

use super::FoundClaim;

impl FoundClaim {
    /// The tokens that have it, in words; none where the org's word for them is none of Okta's.
    #[must_use]
    pub fn tokens(&self) -> Option<&'static str> {
        match self.claim_type.as_str() {
            "RESOURCE" => Some("access tokens"),
            "IDENTITY" => Some("ID tokens"),
            _ => None,
        }
    }

    /// Whether access tokens have it, as far as the org's word tells.
    #[must_use]
    pub fn is_of_access_tokens(&self) -> bool {
        self.claim_type == "RESOURCE"
    }

    /// Why nobody knows which tokens have it.
    #[must_use]
    pub fn doubt_of_tokens(&self) -> Option<String> {
        let is_known = self.tokens().is_some();
        (!is_known).then(|| self.doubt("claimType", &self.claim_type))
    }

    /// Why nobody knows what its value is.
    #[must_use]
    pub fn doubt_of_value(&self) -> Option<String> {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        let (kind, filter) = (word(&self.value_type), word(&self.group_filter_type));
        if !["EXPRESSION", "GROUPS", "SYSTEM"].contains(&kind.as_str()) {
            return Some(self.doubt("valueType", &kind));
        }
        let filters = ["STARTS_WITH", "EQUALS", "CONTAINS", "REGEX"];
        let is_known = kind != "GROUPS" || filters.contains(&filter.as_str());
        (!is_known).then(|| self.doubt("group_filter_type", &filter))
    }

    fn doubt(&self, field: &str, word: &str) -> String {
        let name = &self.name;
        match word {
            "" => format!("the org does not show {field} of claims.{name}"),
            word => {
                format!("{field} of claims.{name} is {word}, a word that this suite does not know")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::access(json!("RESOURCE"), Some("access tokens"))]
    #[case::id(json!("IDENTITY"), Some("ID tokens"))]
    #[case::unknown(json!("LOGOUT"), None)]
    #[case::in_small_letters(json!("identity"), None)]
    #[case::null(Value::Null, None)]
    fn a_word_that_nobody_knows_is_no_kind_of_token(
        #[case] word: Value,
        #[case] tokens: Option<&str>,
    ) {
        let claim = claim(&json!({"claimType": word, "valueType": "EXPRESSION"}));
        assert_eq!(claim.tokens(), tokens);
        assert_eq!(claim.doubt_of_tokens().is_none(), tokens.is_some());
    }

    #[rstest]
    #[case::expression(json!({"valueType": "EXPRESSION"}), "")]
    #[case::groups(json!({"valueType": "GROUPS", "group_filter_type": "REGEX"}), "")]
    #[case::unknown(json!({"valueType": "LOOKUP"}), "valueType of claims.one is LOOKUP")]
    #[case::absent(json!({}), "the org does not show valueType of claims.one")]
    #[case::filter(
        json!({"valueType": "GROUPS", "group_filter_type": "ENDS_WITH"}),
        "group_filter_type of claims.one is ENDS_WITH"
    )]
    #[case::no_filter(json!({"valueType": "GROUPS"}), "does not show group_filter_type")]
    #[case::filter_of_an_expression(
        json!({"valueType": "EXPRESSION", "group_filter_type": "ENDS_WITH"}),
        ""
    )]
    fn a_value_is_of_a_kind_that_is_known(#[case] said: Value, #[case] doubt: &str) {
        let found = claim(&said).doubt_of_value();
        assert_eq!(found.is_some(), !doubt.is_empty(), "{found:?}");
        assert!(found.unwrap_or_default().contains(doubt));
    }

    fn claim(said: &Value) -> FoundClaim {
        let mut whole = json!({"id": "ocl1", "name": "one", "status": "ACTIVE"});
        let members = said.as_object().expect("an object").clone();
        whole.as_object_mut().expect("an object").extend(members);
        serde_json::from_value(whole).expect("as Okta says it")
    }
}
