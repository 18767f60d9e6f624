//! What the page that stands has asked servers for, by the network events of `DevTools`.

use serde_json::Value;
use url::Url;

use super::address::same_place;
use super::known::sign_in_apis;

#[cfg(test)]
mod tests;

/// The requests of the page that stands.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// The document that stands, by `DevTools`' name of its loading.
    document: Option<String>,
    requests: Vec<Request>,
    /// What the page said by `alert()`.
    alerts: Vec<Alert>,
    /// Whether it came with the order to go on to another page in a while.
    goes_on: bool,
    /// Where the browser is to be sent at last, and the address by which it was.
    awaited: Option<Url>,
    arrived: Option<Url>,
}

/// What comes where a page was asked for, and leaves the browser where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    /// No content.
    Nothing,
    /// A file to be kept.
    File,
    /// Nothing at all.
    Never,
}

impl Instead {
    /// What the server does, after "it".
    pub(super) const fn is(self) -> &'static str {
        match self {
            Self::Nothing => "answers with no content",
            Self::File => "answers with a file",
            Self::Never => "does not answer",
        }
    }
}

/// What a page said in a dialog of the browser, which is closed at once.
#[derive(Debug)]
struct Alert {
    /// When it was opened, in milliseconds since 1970.
    at: f64,
    text: String,
    /// Whether it asks something.
    asks: bool,
}

/// A request, and how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) id: String,
    loader: String,
    url: String,
    kind: String,
    /// Whether it sends nothing, by its method.
    reads: bool,
    /// Whether it is for the page itself, and not for a part of it or for a frame.
    is_page: bool,
    /// When it was made, in milliseconds since 1970.
    pub(super) asked_at: f64,
    /// The status of its answer; 0 until there is one.
    pub(super) status: u16,
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    None,
    Whole,
    Failed(String),
}

/// What the org's server said last to the page that stands.
#[derive(Clone, Debug)]
pub(super) enum Last {
    /// The page has asked it nothing.
    Nothing,
    /// It has not answered yet.
    Pending {
        /// Which request waits for it.
        request: String,
        /// What it answered before.
        before: Option<Request>,
    },
    /// The request broke off: which, and why.
    Broken(String),
    /// It has answered.
    Answer(Request),
}

/// Requests that may change what a page shows.
const TELLING: [&str; 5] = ["Document", "Script", "Stylesheet", "XHR", "Fetch"];

/// What is asked for once more after so many answers is asked for without end.
const NEWS: usize = 4;

/// The event that tells of a dialog.
const DIALOG: &str = "\"Page.javascriptDialogOpening\"";
/// Of a dialog, no more is read.
const MOST_CHARS: usize = 400;

/// Events that tell of a request or of a dialog.
const EVENTS: [&str; 5] = [
    DIALOG,
    "\"Network.requestWillBeSent\"",
    "\"Network.responseReceived\"",
    "\"Network.loadingFinished\"",
    "\"Network.loadingFailed\"",
];

impl Traffic {
    /// Takes in one message of the performance log of the tab with this frame, which was written
    /// so many milliseconds after 1970.
    pub(super) fn take(&mut self, message: &str, frame: &str, at: f64) {
        if !EVENTS.iter().any(|event| message.contains(event)) {
            return;
        }
        let message = serde_json::from_str::<Value>(message).unwrap_or_default();
        let part = |path| message.pointer(path).and_then(Value::as_str);
        let event = part("/message/method").unwrap_or_default();
        let parameters = message.pointer("/message/params").unwrap_or(&Value::Null);
        match event {
            "Network.requestWillBeSent" => self.asked(parameters, frame),
            "Network.responseReceived" => self.answered(parameters, frame),
            "Network.loadingFinished" => self.ended(parameters, End::Whole),
            "Network.loadingFailed" => {
                let reason = text(parameters, "/errorText").unwrap_or_default();
                self.ended(parameters, End::Failed(reason));
            }
            "Page.javascriptDialogOpening" => self.alerts.extend(alert(parameters, at)),
            _ => {}
        }
    }

    fn asked(&mut self, event: &Value, frame: &str) {
        let request = || {
            let id = text(event, "/requestId")?;
            let loader = text(event, "/loaderId")?;
            let kind = text(event, "/type").unwrap_or_default();
            let is_of_the_tab = text(event, "/frameId").is_none_or(|asking| asking == frame);
            Some(Request {
                is_page: kind == "Document" && id == loader && is_of_the_tab,
                id,
                loader,
                url: whole_address(event)?,
                kind,
                reads: text(event, "/request/method").as_deref() == Some("GET"),
                asked_at: event.get("wallTime")?.as_f64()? * 1000.0,
                status: 0,
                end: End::None,
            })
        };
        let Some(request) = request() else {
            return;
        };
        let is_awaited = |url: &Url| self.awaited.as_ref().is_some_and(|at| same_place(url, at));
        let url = Url::parse(&request.url).ok();
        if let Some(url) = url.filter(|url| request.is_page && is_awaited(url)) {
            // The page there may lead on, or back to itself without the answer.
            self.arrived.get_or_insert(url);
        }
        // What is redirected keeps its name.
        self.requests.retain(|known| known.id != request.id);
        self.requests.push(request);
    }

    fn answered(&mut self, event: &Value, frame: &str) {
        let is_page = text(event, "/type").as_deref() == Some("Document")
            && text(event, "/frameId").as_deref() == Some(frame);
        if let Some(loader) = text(event, "/loaderId").filter(|_| is_page) {
            self.requests.retain(|request| request.loader == loader);
            self.document = Some(loader);
            self.alerts.clear();
            self.goes_on = goes_on(event) || is_check(event);
        }
        let status = event.pointer("/response/status").and_then(Value::as_u64);
        let status = status.and_then(|status| u16::try_from(status).ok());
        if let Some(request) = self.request(event) {
            request.status = status.unwrap_or_default();
        }
    }

    fn ended(&mut self, event: &Value, end: End) {
        // What failed ends once more, with the browser's own page in its place.
        if let Some(request) = self
            .request(event)
            .filter(|request| request.end == End::None)
        {
            request.end = end;
        }
    }

    fn request(&mut self, event: &Value) -> Option<&mut Request> {
        let id = text(event, "/requestId")?;
        self.requests.iter_mut().find(|request| request.id == id)
    }

    fn of_the_page(&self) -> impl DoubleEndedIterator<Item = &Request> {
        let document = self.document.as_deref();
        let is_its = move |request: &&Request| Some(request.loader.as_str()) == document;
        self.requests.iter().filter(is_its)
    }

    /// What the sign-in API said last, of those whose address may be believed.
    pub(super) fn last(&self, may_be_believed: impl Fn(&Url) -> bool) -> Last {
        let mut asked = self.of_the_page().rev().filter_map(|request| {
            let url = request.sign_in_api().filter(&may_be_believed)?;
            Some((request, url))
        });
        let Some((request, url)) = asked.next() else {
            return Last::Nothing;
        };
        match &request.end {
            End::None => Last::Pending {
                request: request.id.clone(),
                before: asked
                    .find(|(before, _)| before.end == End::Whole)
                    .map(|(before, _)| before.clone()),
            },
            End::Whole => Last::Answer(request.clone()),
            End::Failed(reason) => Last::Broken(format!("{}: {reason}", url.path())),
        }
    }

    /// The document that stands.
    pub(super) fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// Whether the page that stands came with the order to go on to another in a while.
    pub(super) const fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// Whether another page is under way.
    pub(super) fn is_page_under_way(&self) -> bool {
        self.pages().any(|request| request.end == End::None)
    }

    /// What is under way that may change what the page shows: when the last of it was asked for.
    pub(super) fn under_way(&self) -> Option<f64> {
        let asked_at = self.waited_for().map(|request| request.asked_at);
        asked_at.max_by(f64::total_cmp)
    }

    /// Where the first of that leads, without its values.
    pub(super) fn waits_for(&self) -> Option<String> {
        let url = Url::parse(&self.waited_for().next()?.url).ok()?;
        Some(format!("{}{}", url.host_str()?, url.path()))
    }

    /// Whether what is under way sends nothing.
    pub(super) fn only_reads(&self) -> bool {
        self.waited_for().all(|request| request.reads)
    }

    /// What may change what the page shows, once it is answered: what was answered again and again
    /// and is asked once more, is news that change nothing.
    fn waited_for(&self) -> impl Iterator<Item = &Request> {
        let may_tell = |request: &&Request| TELLING.contains(&request.kind.as_str());
        let parts = self.of_the_page().filter(may_tell);
        let parts = parts.filter(|request| request.end == End::None && !self.is_news(request));
        let pages = self.pages();
        parts.chain(pages.filter(|request| request.end == End::None))
    }

    /// Whether the page that stands asks for news.
    pub(super) fn asks_for_news(&self) -> bool {
        self.of_the_page().any(|request| self.is_news(request))
    }

    fn is_news(&self, request: &Request) -> bool {
        let place = request.place();
        let is_again = |other: &&Request| other.end != End::None && other.place() == place;
        self.of_the_page().filter(is_again).take(NEWS).count() == NEWS
    }

    /// Requests for the page itself, that which is to come among them.
    fn pages(&self) -> impl DoubleEndedIterator<Item = &Request> {
        self.requests.iter().filter(|request| request.is_page)
    }

    /// What the page that stands has said in dialogs since then, by its own clock.
    pub(super) fn alerts_since(&self, then: f64) -> impl Iterator<Item = &str> {
        let alerts = self.alerts.iter();
        let alerts = alerts.filter(move |alert| alert.at >= then && !alert.asks);
        alerts.map(|alert| alert.text.as_str())
    }

    /// Whether it has asked something in a dialog since then.
    pub(super) fn asks_since(&self, then: f64) -> bool {
        self.alerts.iter().any(|one| one.at >= then && one.asks)
    }

    /// Waits for the browser to be sent there; what came before does not count.
    pub(super) fn await_page(&mut self, at: &Url) {
        self.awaited = Some(at.clone());
        self.arrived = None;
    }

    /// The address by which the browser was sent to the awaited page, once it was; told once.
    pub(super) fn take_arrival(&mut self) -> Option<Url> {
        self.arrived.take()
    }

    /// Why the page that was asked for last did not come.
    pub(super) fn page_failure(&self) -> Option<String> {
        match &self.pages().next_back()?.end {
            End::Failed(reason) => Some(reason.clone()),
            End::None | End::Whole => None,
        }
    }

    /// What came in place of the page that was asked for last.
    pub(super) fn instead_of_page(&self) -> Option<Instead> {
        Self::instead_of(self.pages().next_back()?)
    }

    /// The same, where that was asked for since then, and where the browser gave it up unanswered.
    pub(super) fn instead_since(&self, then: f64) -> Option<Instead> {
        let last = self.pages().next_back()?;
        if last.asked_at < then {
            return None;
        }
        let is_given_up = last.status == 0 && last.end == Self::aborted();
        Self::instead_of(last).or_else(|| is_given_up.then_some(Instead::Never))
    }

    fn aborted() -> End {
        End::Failed("net::ERR_ABORTED".to_owned())
    }

    fn instead_of(last: &Request) -> Option<Instead> {
        match last.status {
            0 => None,
            204 | 205 => Some(Instead::Nothing),
            // Where a connection breaks off instead, the browser shows a page of its own.
            _ => (last.end == Self::aborted()).then_some(Instead::File),
        }
    }

    /// The host of a script of the page that did not come.
    pub(super) fn missing_script(&self) -> Option<String> {
        let is_missing = |request: &&Request| {
            request.kind == "Script"
                && (request.status >= 400 || matches!(request.end, End::Failed(_)))
        };
        let request = self.of_the_page().find(is_missing)?;
        let url = Url::parse(&request.url).ok()?;
        Some(format!("{}{}", url.host_str()?, url.path()))
    }
}

impl Request {
    /// Its address, if it is one of the sign-in API's.
    fn sign_in_api(&self) -> Option<Url> {
        let asks = matches!(self.kind.as_str(), "XHR" | "Fetch");
        let is_api = sign_in_apis().any(|path| self.url.contains(path));
        (asks && is_api).then(|| Url::parse(&self.url).ok())?
    }

    /// What it asks for, whatever it adds to that.
    fn place(&self) -> (&str, &str) {
        (
            &self.kind,
            self.url.split(['?', '#']).next().unwrap_or_default(),
        )
    }
}

/// Nobody waits for a page that is to come later than in so many seconds.
const SOON_SECONDS: u32 = 15;

/// Whether an answer has a header `Refresh`, which browsers follow like the element.
fn goes_on(answered: &Value) -> bool {
    let headers = answered.pointer("/response/headers");
    let headers = headers.and_then(Value::as_object).into_iter().flatten();
    let mut refresh = headers.filter(|(name, _)| name.eq_ignore_ascii_case("refresh"));
    let is_soon = |value: &Value| {
        let digits = value.as_str()?.trim_start();
        let end = digits.find(|one: char| !one.is_ascii_digit());
        let seconds: u32 = digits[..end.unwrap_or(digits.len())].parse().ok()?;
        Some(seconds <= SOON_SECONDS)
    };
    refresh.any(|(_, value)| is_soon(value) == Some(true))
}

/// Whether a page comes from a firewall that checks the browser, and lets it on by itself where it
/// likes it, by the header by which Cloudflare says so (Cloudflare Docs, "Detect a Challenge Page
/// response").
fn is_check(answered: &Value) -> bool {
    let headers = answered.pointer("/response/headers");
    let headers = headers.and_then(Value::as_object).into_iter().flatten();
    let mut says = headers.filter(|(name, _)| name.eq_ignore_ascii_case("cf-mitigated"));
    says.any(|(_, value)| value == "challenge")
}

/// `DevTools` tell what is behind `#` apart.
fn whole_address(event: &Value) -> Option<String> {
    let fragment = text(event, "/request/urlFragment").unwrap_or_default();
    Some(text(event, "/request/url")? + &fragment)
}

/// What `alert()` says, or `confirm()` and `prompt()` ask.
fn alert(event: &Value, at: f64) -> Option<Alert> {
    let asks = match text(event, "/type")?.as_str() {
        "alert" => false,
        "confirm" | "prompt" => true,
        _ => return None,
    };
    let text: String = text(event, "/message")?
        .trim()
        .chars()
        .take(MOST_CHARS)
        .collect();
    (asks || !text.is_empty()).then_some(Alert { at, text, asks })
}

fn text(event: &Value, path: &str) -> Option<String> {
    event.pointer(path)?.as_str().map(str::to_owned)
}
