//! What something before the org answers in its place: that proves nothing of the org.

use super::context::Context;
use crate::exchange::{Place, ServerCall};
use crate::observation::{Lands, NotSeen, Redirected, ServerAnswer};

/// What came of the request with nothing wrong in it.
#[derive(Clone, Copy)]
enum Control<'a> {
    /// There is nothing wrong with the request itself.
    None,
    /// It was not looked at.
    Unseen,
    /// This.
    Answered(&'a ServerAnswer),
}

/// Why an answer is none of the authorization server's.
pub(super) fn answered_by_another(
    context: &Context<'_>,
    call: &ServerCall,
    seen: &ServerAnswer,
) -> Option<NotSeen> {
    let control = match call.control() {
        None => Control::None,
        Some(control) => match context.seen.server(&control) {
            Ok(answer) => Control::Answered(answer),
            Err(_) => Control::Unseen,
        },
    };
    is_led_away(call, seen, control)
        .or_else(|| is_for_people(seen, control))
        .or_else(|| is_the_page_of_all(context, call, seen))
}

/// A bot manager may answer every program with a page of its own and the status of success. An org
/// redirects a right request that it must not ask anybody for, so that none of its pages is that.
fn is_the_page_of_all(
    context: &Context<'_>,
    call: &ServerCall,
    seen: &ServerAnswer,
) -> Option<NotSeen> {
    let is_of_browsers = |call: &ServerCall| call.row.to() == Place::Authorization;
    if !(is_of_browsers(call) || call.row.to() == Place::Page) || !is_a_page(seen) {
        return None;
    }
    let answers = context.seen.server.iter();
    let answers = answers.filter(|(call, _)| is_of_browsers(call));
    let mut answers = answers
        .filter_map(|(_, answer)| answer.as_ref().ok())
        .peekable();
    answers.peek()?;
    answers.all(is_a_page).then(|| {
        NotSeen::failed(format!(
            "every request of a program is answered by a page ({}) at the authorization endpoint, \
             whatever it asks: something before the org answers programs, such as a bot manager: \
             let the suite's requests through",
            seen.status
        ))
    })
}

/// A success that leads nowhere and brings nothing.
fn is_a_page(seen: &ServerAnswer) -> bool {
    seen.is_success() && seen.redirect.is_none() && seen.brings.is_empty()
}

/// A bot manager sends whatever it takes for a program elsewhere: so does it the request with
/// nothing wrong in it, and nothing of either goes along.
fn is_led_away(call: &ServerCall, seen: &ServerAnswer, control: Control<'_>) -> Option<NotSeen> {
    let address = led_away(seen)?;
    let control = match control {
        Control::None => Some(address),
        Control::Unseen => None,
        Control::Answered(control) => led_away(control),
    };
    (control == Some(address)).then(|| {
        NotSeen::failed(format!(
            "{} is led to {address}, and so is the same request with nothing wrong in it; nothing \
             of either goes along: something before the org answers programs, such as a bot \
             manager: let the suite's requests through",
            call.row.sends
        ))
    })
}

fn led_away(seen: &ServerAnswer) -> Option<&str> {
    let is_away = |redirect: &&Redirected| redirect.lands == Lands::Elsewhere && redirect.is_bare;
    let redirect = seen.redirect.as_ref().filter(is_away)?;
    seen.brings.is_empty().then_some(redirect.address.as_str())
}

/// A page for people at an endpoint for clients. One of success counts where the request with
/// nothing wrong in it is answered as by a server.
fn is_for_people(seen: &ServerAnswer, control: Control<'_>) -> Option<NotSeen> {
    let stranger = seen.stranger.as_ref()?;
    let answers = match control {
        Control::Answered(control) => control.stranger.is_none(),
        Control::None | Control::Unseen => false,
    };
    let is_another = seen.redirect.is_none() && !(seen.is_success() && answers);
    is_another.then(|| NotSeen::failed(stranger))
}
