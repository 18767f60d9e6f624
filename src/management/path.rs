//! Paths of the Management API, with ids in them that the org chose.

use serde_json::Value;
use url::Url;

use super::ManagementError;
use super::identity::another;

/// A path below the org, by its segments: none of them can lead out of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiPath<'a> {
    segments: Vec<&'a str>,
}

impl ApiPath<'_> {
    /// The id of an object that was found, where the path asks for another one.
    pub(super) fn names_another<'f>(&self, found: &'f Value) -> Option<&'f str> {
        another(&self.segments, found)
    }

    /// The address below the origin of the org, each segment encoded.
    ///
    /// # Errors
    /// [`ManagementError::Segment`] where a segment is empty or leads upwards.
    pub(super) fn below(&self, org_url: &Url, root: &[&str]) -> Result<Url, ManagementError> {
        let is_no_name = |segment: &&&str| matches!(**segment, "" | "." | "..");
        if let Some(segment) = self.segments.iter().find(is_no_name) {
            return Err(ManagementError::Segment {
                path: self.segments.join("/"),
                segment: (*segment).to_owned(),
            });
        }
        let mut url = org_url.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(root).extend(&self.segments);
        }
        Ok(url)
    }
}

/// Whether an id of the org is one segment of a path, and leads nowhere else in any.
pub(crate) fn is_id(id: &str) -> bool {
    !matches!(id, "" | "." | "..") && !id.contains('/')
}

/// Segments as they are: an id among them may hold anything.
impl<'a, const N: usize> From<[&'a str; N]> for ApiPath<'a> {
    fn from(segments: [&'a str; N]) -> Self {
        Self {
            segments: segments.to_vec(),
        }
    }
}

/// A path whose ids are known to be some.
impl<'a> From<&'a str> for ApiPath<'a> {
    fn from(path: &'a str) -> Self {
        Self {
            segments: path.split('/').collect(),
        }
    }
}

impl<'a> From<&'a String> for ApiPath<'a> {
    fn from(path: &'a String) -> Self {
        Self::from(path.as_str())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn address(path: &ApiPath<'_>) -> Option<String> {
        let org = Url::parse("https://example.okta.com/x?y#z").unwrap();
        let url = path.below(&org, &["api", "v1"]).ok()?;
        Some(url.as_str().replace("https://example.okta.com", ""))
    }

    #[rstest]
    #[case::an_id("00g1", Some("/api/v1/groups/00g1"))]
    #[case::a_login("a b#c@example.com", Some("/api/v1/groups/a%20b%23c@example.com"))]
    #[case::upwards("x/../../users", Some("/api/v1/groups/x%2F..%2F..%2Fusers"))]
    #[case::below("00g1/users/00u1", Some("/api/v1/groups/00g1%2Fusers%2F00u1"))]
    #[case::encoded("%2e%2e%2fusers", Some("/api/v1/groups/%252e%252e%252fusers"))]
    #[case::backslashes("..\\users", Some("/api/v1/groups/..%5Cusers"))]
    #[case::a_query("00g1?limit=1", Some("/api/v1/groups/00g1%3Flimit=1"))]
    #[case::one_up("..", None)]
    #[case::here(".", None)]
    #[case::nothing("", None)]
    fn an_id_leads_nowhere_else(#[case] id: &str, #[case] path: Option<&str>) {
        assert_eq!(address(&ApiPath::from(["groups", id])).as_deref(), path);
    }

    #[rstest]
    #[case::upwards("groups/../users")]
    #[case::no_id("groups/")]
    fn a_path_with_an_id_that_is_none_is_refused(#[case] path: &str) {
        assert_eq!(address(&ApiPath::from(path)), None);
    }

    #[rstest]
    #[case::an_id("00g1", true)]
    #[case::of_the_default_server("default", true)]
    #[case::two_segments("00g1/users/00u1", false)]
    #[case::upwards("..", false)]
    #[case::nothing("", false)]
    fn an_id_is_one_segment(#[case] id: &str, #[case] is_one: bool) {
        assert_eq!(is_id(id), is_one);
    }
}
