//! What the page that stands has asked servers for, by the network events of `DevTools`.

use serde_json::Value;
use url::Url;

use super::known::sign_in_apis;

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
}

/// What a page said in a dialog of the browser, which is closed at once.
#[derive(Debug)]
struct Alert {
    /// When it was opened, in milliseconds since 1970.
    at: f64,
    text: String,
}

/// A request, and how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) id: String,
    loader: String,
    url: String,
    kind: String,
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
    Pending,
    /// The request broke off: which, and why.
    Broken(String),
    /// It has answered.
    Answer(Request),
}

/// Requests that may change what a page shows.
const TELLING: [&str; 5] = ["Document", "Script", "Stylesheet", "XHR", "Fetch"];

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
                asked_at: event.get("wallTime")?.as_f64()? * 1000.0,
                status: 0,
                end: End::None,
            })
        };
        let Some(request) = request() else {
            return;
        };
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
            self.goes_on = goes_on(event);
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
        let asked = self.of_the_page().rev().find_map(|request| {
            let url = request.sign_in_api().filter(&may_be_believed)?;
            Some((request, url))
        });
        match asked {
            None => Last::Nothing,
            Some((request, url)) => request.outcome(url.path()),
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

    /// Whether something is under way that may change what the page shows.
    pub(super) fn is_under_way(&self) -> bool {
        let may_tell = |request: &Request| TELLING.contains(&request.kind.as_str());
        let document = self.document.as_deref();
        self.requests.iter().any(|request| {
            let counts = Some(request.loader.as_str()) == document && may_tell(request);
            request.end == End::None && (counts || request.is_page)
        })
    }

    /// Requests for the page itself, that which is to come among them.
    fn pages(&self) -> impl DoubleEndedIterator<Item = &Request> {
        self.requests.iter().filter(|request| request.is_page)
    }

    /// What the page that stands has said in dialogs since then, by its own clock.
    pub(super) fn alerts_since(&self, then: f64) -> impl Iterator<Item = &str> {
        let alerts = self.alerts.iter().filter(move |alert| alert.at >= then);
        alerts.map(|alert| alert.text.as_str())
    }

    /// The address of a page that was to come, if it fits; it is forgotten.
    pub(super) fn take_page(&mut self, fits: impl Fn(&Url) -> bool) -> Option<Url> {
        let known = self.pages().rev().find_map(|request| {
            let url = Url::parse(&request.url).ok().filter(&fits)?;
            Some((request.id.clone(), url))
        });
        let (id, url) = known?;
        self.requests.retain(|request| request.id != id);
        Some(url)
    }

    /// Why the page that was asked for last did not come.
    pub(super) fn page_failure(&self) -> Option<String> {
        match &self.pages().next_back()?.end {
            End::Failed(reason) => Some(reason.clone()),
            End::None | End::Whole => None,
        }
    }

    /// Whether an answer came in place of the page that was asked for last and was put aside: a
    /// file to be kept.
    pub(super) fn has_file(&self) -> bool {
        let last = self.pages().next_back();
        last.is_some_and(|page| page.status != 0 && page.end != End::Whole)
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

    fn outcome(&self, path: &str) -> Last {
        match &self.end {
            End::None => Last::Pending,
            End::Whole => Last::Answer(self.clone()),
            End::Failed(reason) => Last::Broken(format!("{path}: {reason}")),
        }
    }
}

/// Whether an answer has a header `Refresh` with an address, which browsers heed like the element.
fn goes_on(answered: &Value) -> bool {
    let headers = answered.pointer("/response/headers");
    let headers = headers.and_then(Value::as_object).into_iter().flatten();
    let mut refresh = headers.filter(|(name, _)| name.eq_ignore_ascii_case("refresh"));
    let leads = |value: &Value| value.as_str().is_some_and(|text| text.contains('='));
    refresh.any(|(_, value)| leads(value))
}

/// `DevTools` tell what is behind `#` apart.
fn whole_address(event: &Value) -> Option<String> {
    let fragment = text(event, "/request/urlFragment").unwrap_or_default();
    Some(text(event, "/request/url")? + &fragment)
}

/// What `alert()` says; the other dialogs ask.
fn alert(event: &Value, at: f64) -> Option<Alert> {
    let text = text(event, "/message").filter(|_| event["type"] == "alert")?;
    let text: String = text.trim().chars().take(MOST_CHARS).collect();
    (!text.is_empty()).then_some(Alert { at, text })
}

fn text(event: &Value, path: &str) -> Option<String> {
    event.pointer(path)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const FRAME: &str = "F";

    fn event(method: &str, params: &Value) -> String {
        json!({"message": {"method": format!("Network.{method}"), "params": params}}).to_string()
    }

    fn asked(id: &str, loader: &str, kind: &str, path: &str) -> String {
        let url = format!("https://example.okta.com{path}");
        event(
            "requestWillBeSent",
            &json!({"requestId": id, "loaderId": loader, "type": kind, "wallTime": 1.5,
                    "request": {"url": url}}),
        )
    }

    fn answered(id: &str, loader: &str, kind: &str, status: u16) -> String {
        event(
            "responseReceived",
            &json!({"requestId": id, "loaderId": loader, "type": kind, "frameId": FRAME,
                    "response": {"status": status}}),
        )
    }

    fn finished(id: &str) -> String {
        event("loadingFinished", &json!({"requestId": id}))
    }

    fn failed(id: &str) -> String {
        event(
            "loadingFailed",
            &json!({"requestId": id, "errorText": "net::ERR_CONNECTION_RESET"}),
        )
    }

    fn page(loader: &str) -> Vec<String> {
        let parts = [
            asked(loader, loader, "Document", "/authorize"),
            answered(loader, loader, "Document", 200),
            finished(loader),
        ];
        parts.into()
    }

    fn traffic(messages: &[Vec<String>]) -> Traffic {
        let mut traffic = Traffic::default();
        for message in messages.concat() {
            traffic.take(&message, FRAME, 0.0);
        }
        traffic
    }

    fn last(messages: &[Vec<String>]) -> Last {
        traffic(messages).last(|_| true)
    }

    #[test]
    fn the_last_answer_of_the_sign_in_api_is_found() {
        let messages = [
            page("L"),
            vec![
                asked("1", "L", "Fetch", "/api/v1/authn/introspect"),
                finished("1"),
            ],
            vec![
                asked("2", "L", "Fetch", "/api/v1/authn/identify"),
                answered("2", "L", "Fetch", 401),
                finished("2"),
                asked("3", "L", "Fetch", "/telemetry"),
            ],
        ];
        let Last::Answer(request) = last(&messages) else {
            panic!("{:?}", last(&messages))
        };
        assert_eq!((request.id.as_str(), request.status), ("2", 401));
        assert!((request.asked_at - 1500.0).abs() < f64::EPSILON);
        assert!(traffic(&messages).is_under_way());
    }

    #[test]
    fn what_another_page_was_answered_is_nothing() {
        let before = vec![
            asked("1", "K", "Fetch", "/api/v1/authn/identify"),
            finished("1"),
        ];
        let messages = [page("K"), before, page("L")];
        assert!(matches!(last(&messages), Last::Nothing));
        assert!(!traffic(&messages).is_under_way());
    }

    #[test]
    fn an_answer_of_an_origin_that_is_not_trusted_is_not_believed() {
        let asking = vec![asked("1", "L", "XHR", "/api/v1/authn"), finished("1")];
        let traffic = traffic(&[page("L"), asking]);
        assert!(matches!(traffic.last(|_| false), Last::Nothing));
        assert!(matches!(traffic.last(|_| true), Last::Answer(_)));
    }

    #[test]
    fn a_request_is_under_way_until_it_is_answered_or_breaks_off() {
        let asking = vec![asked("1", "L", "Fetch", "/api/v1/authn/identify")];
        assert!(matches!(last(&[page("L"), asking.clone()]), Last::Pending));
        let broken = last(&[page("L"), asking, vec![failed("1")]]);
        assert!(matches!(broken, Last::Broken(reason) if reason.contains("CONNECTION_RESET")));
    }

    fn dialog(kind: &str, says: &str) -> String {
        let params = json!({"type": kind, "message": says});
        json!({"message": {"method": "Page.javascriptDialogOpening", "params": params}}).to_string()
    }

    #[test]
    fn what_a_page_said_in_a_dialog_is_told_from_then_on_and_of_that_page_alone() {
        let mut traffic = traffic(&[page("L")]);
        traffic.take(&dialog("alert", "Hello"), FRAME, 5.0);
        traffic.take(&dialog("confirm", "Leave?"), FRAME, 8.0);
        traffic.take(&dialog("alert", " No such user "), FRAME, 9.0);
        let alerts: Vec<_> = traffic.alerts_since(7.0).collect();
        assert_eq!(alerts, ["No such user"]);
        for message in page("M") {
            traffic.take(&message, FRAME, 10.0);
        }
        assert_eq!(traffic.alerts_since(0.0).count(), 0);
    }

    /// A frame that never comes keeps nobody waiting, and is no page.
    #[rstest]
    #[case::of_the_page(FRAME, true)]
    #[case::of_a_frame("G", false)]
    fn a_document_is_the_next_page_where_the_tab_itself_asks(
        #[case] frame: &str,
        #[case] is_under_way: bool,
    ) {
        let request = json!({"requestId": "M", "loaderId": "M", "type": "Document",
            "frameId": frame, "wallTime": 1.5, "request": {"url": "https://example.com/"}});
        let asking = vec![event("requestWillBeSent", &request)];
        let traffic = traffic(&[page("L"), asking]);
        assert_eq!(traffic.is_under_way(), is_under_way);
    }

    #[test]
    fn what_came_in_place_of_a_page_is_told() {
        let asked = asked("L", "L", "Document", "/authorize");
        let broken = traffic(&[vec![asked.clone(), failed("L"), finished("L")]]);
        let reason = broken.page_failure();
        assert_eq!(reason.as_deref(), Some("net::ERR_CONNECTION_RESET"));
        assert!(!broken.has_file(), "nothing was answered");
        let file = vec![asked, answered("L", "L", "Document", 200), failed("L")];
        assert!(traffic(&[file]).has_file());
        assert!(!traffic(&[page("L")]).has_file());
        assert_eq!(traffic(&[page("L")]).page_failure(), None);
    }

    #[test]
    fn an_app_that_the_browser_was_sent_to_is_told_once() {
        let url = "com.example.app:/callback?state=s";
        let sent = event(
            "requestWillBeSent",
            &json!({"requestId": "L", "loaderId": "L", "type": "Document", "wallTime": 1.5,
                    "frameId": FRAME, "request": {"url": url, "urlFragment": "#a=b"}}),
        );
        let mut traffic = traffic(&[page("K"), vec![sent]]);
        assert_eq!(traffic.take_page(|url| url.scheme() == "app"), None);
        let is_app = |url: &Url| url.scheme() == "com.example.app";
        let found = traffic.take_page(is_app).map(String::from);
        assert_eq!(found, Some(format!("{url}#a=b")));
        assert_eq!(traffic.take_page(is_app), None);
    }

    #[test]
    fn a_page_that_came_with_the_order_to_go_on_is_told() {
        let answered = |headers: &Value| {
            let came = json!({"requestId": "L", "loaderId": "L", "type": "Document",
                "frameId": FRAME, "response": {"status": 200, "headers": headers}});
            vec![event("responseReceived", &came)]
        };
        let goes_on = |headers: &Value| traffic(&[answered(headers)]).goes_on();
        assert!(goes_on(&json!({"refresh": "2; url=/next"})));
        assert!(!goes_on(
            &json!({"Refresh": "2", "location": "/next?url=1"})
        ));
        let both = [answered(&json!({"Refresh": "2; url=/next"})), page("M")];
        assert!(!traffic(&both).goes_on(), "another page");
    }

    #[test]
    fn a_script_that_did_not_come_is_named() {
        let script = vec![asked("1", "L", "Script", "/siw.js?v=1"), failed("1")];
        let missing = traffic(&[page("L"), script]).missing_script();
        assert_eq!(missing.as_deref(), Some("example.okta.com/siw.js"));
    }
}
