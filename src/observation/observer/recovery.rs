//! What becomes of an API after it was in trouble.

use std::time::Duration;

use tokio::time::{interval, timeout};

use crate::observation::{Afterwards, Trouble};

/// So long an API may take to come back.
pub(super) const RECOVERY: Duration = Duration::from_secs(10);
/// What may make matters worse is asked again this often.
pub(super) const AGAIN: Duration = Duration::from_secs(2);
/// It is asked again this often.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// Asks for a good token again and again, for as long as an API may need to come back. What it was
/// given first may have been but late; what comes then says what it was.
pub(super) async fn recovery(
    first: Trouble,
    within: Duration,
    ask: impl AsyncFn() -> Result<String, Trouble>,
) -> Afterwards {
    let mut trouble = first;
    let mut often = interval(PAUSE);
    let back = async {
        while let Err(next) = ask().await {
            trouble = trouble.clone().and_then(next);
            often.tick().await;
        }
    };
    match timeout(within, back).await {
        Ok(()) => Afterwards::Recovered(trouble),
        Err(_) => Afterwards::Stayed(trouble),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::pending;

    use rstest::rstest;

    use super::*;

    /// What a good token is given next.
    #[derive(Debug, Clone, Copy)]
    enum Next {
        Body,
        Late,
        Gone,
        Refused,
    }
    use Next::{Body, Gone, Late, Refused};

    fn late() -> Trouble {
        Trouble::Late("no answer within 10 s".to_owned())
    }

    fn gone() -> Trouble {
        Trouble::Gone("connection refused".to_owned())
    }

    fn refused() -> Trouble {
        Trouble::Refused(403)
    }

    /// What comes of it where these come next, in their order; behind them, nothing ever comes.
    async fn after(first: Trouble, script: &[Next]) -> Afterwards {
        let left = RefCell::new(script.iter());
        let ask = async || {
            let next = left.borrow_mut().next();
            match next {
                Some(Body) => Ok("[]".to_owned()),
                Some(Late) => Err(late()),
                Some(Gone) => Err(gone()),
                Some(Refused) => Err(refused()),
                None => pending().await,
            }
        };
        recovery(first, PAUSE * 2, ask).await
    }

    #[rstest]
    #[case::late_and_then_as_ever(late(), &[Body], Afterwards::Recovered(late()))]
    #[case::late_twice(late(), &[Late, Body], Afterwards::Recovered(late()))]
    #[case::late_since_it_dies(late(), &[Gone, Body], Afterwards::Recovered(gone()))]
    #[case::dead_and_then_late(gone(), &[Late, Body], Afterwards::Recovered(gone()))]
    #[case::late_since_it_blocks(late(), &[Refused], Afterwards::Stayed(refused()))]
    #[case::nothing_at_all(late(), &[], Afterwards::Stayed(late()))]
    #[case::dead_for_good(gone(), &[], Afterwards::Stayed(gone()))]
    #[tokio::test]
    async fn what_comes_of_trouble_is_known_by_what_comes_next(
        #[case] first: Trouble,
        #[case] script: &[Next],
        #[case] comes: Afterwards,
    ) {
        assert_eq!(after(first, script).await, comes);
    }
}
