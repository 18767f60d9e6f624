//! What was clicked on a visit, so that nothing is clicked again to no end.

use super::hearing::Heard;

/// Every control that was clicked to go past a page.
#[derive(Debug, Default)]
pub(super) struct Clicks(Vec<Click>);

#[derive(Debug)]
struct Click {
    control: String,
    /// What its page was known by: the answer that led to it, or its heading.
    mark: String,
    /// What the server had said of that page; none where it was not asked.
    keys: Vec<String>,
}

impl Clicks {
    /// Notes a click on a page with this mark, after what the server had said.
    pub(super) fn add(&mut self, control: &str, mark: &str, heard: &Heard) {
        let keys = match heard {
            Heard::Answer {
                answer,
                is_fresh: true,
                ..
            } => answer.keys.clone(),
            _ => Vec::new(),
        };
        self.0.push(Click {
            control: control.to_owned(),
            mark: mark.to_owned(),
            keys,
        });
    }

    /// Whether this control was clicked on the page with this mark: it is gone before its page is.
    pub(super) fn has(&self, control: &str, mark: &str) -> bool {
        let is_it = |click: &Click| click.control == control && click.mark == mark;
        self.0.iter().any(is_it)
    }

    /// Whether this was clicked on any page.
    pub(super) fn chose(&self, control: &str) -> bool {
        self.0.iter().any(|click| click.control == control)
    }

    /// Whether this control was clicked, and the server has said the same again since, by the
    /// answer with this mark.
    pub(super) fn was_in_vain(&self, control: &str, keys: &[String], mark: &str) -> bool {
        let led_back =
            |click: &Click| click.control == control && click.keys == keys && click.mark != mark;
        self.0.iter().any(led_back)
    }

    /// Whether the last click was on the page with this mark.
    pub(super) fn ends_on(&self, mark: &str) -> bool {
        self.0.last().is_some_and(|click| click.mark == mark)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::answer::Answer;
    use super::*;

    const SKIP: &str = "skip";

    fn heard(keys: &[&str]) -> Heard {
        let answer = Answer {
            id: "1".to_owned(),
            keys: keys.iter().map(|&key| key.to_owned()).collect(),
            ..Answer::default()
        };
        Heard::Answer {
            answer,
            is_fresh: true,
            under_way: false,
        }
    }

    /// After `skip` on the page of the answer `1`: what the answer that comes next says.
    #[rstest]
    #[case::the_same_again("profile-update", "2", true)]
    #[case::the_same_answer("profile-update", "1", false)]
    #[case::another_page("keep-me-signed-in", "2", false)]
    fn a_click_is_in_vain_where_the_same_page_comes_again(
        #[case] says: &str,
        #[case] mark: &str,
        #[case] expected: bool,
    ) {
        let mut clicks = Clicks::default();
        clicks.add(SKIP, "1", &heard(&["profile-update"]));
        let keys = [says.to_owned()];
        assert_eq!(clicks.was_in_vain(SKIP, &keys, mark), expected);
        assert!(!clicks.was_in_vain("stayOut", &keys, mark));
    }
}
