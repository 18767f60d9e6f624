// What the page shows, and the few things a person would do on it: the files of this folder are
// one script (`script.rs`), a function body whose `arguments` are [action, detail]. Where DevTools
// are to be had it runs in a world of its own, in which no script of the page can change a getter
// or listen.
const [action, detail] = arguments;

// ---- What things are called, and how much of a page is looked at ----

const SELECTORS = {
  // Where Okta's widget is, or is about to be drawn.
  widget: '[data-se~="auth-container"], #okta-sign-in, #okta-login-container, #signin-container',
  // What only the widget draws there.
  drawn: '[data-se], .siw-main-view, #okta-signin-username, #okta-signin-password',
  widgetScript: 'script[src*="okta-sign-in"], script[src*="okta-signin-widget"]',
  username: 'input[name="identifier"], #okta-signin-username, input[name="username"], ' +
    'input[autocomplete~="username"], input[type="email"]',
  newPassword: 'input[name="newPassword"], input[name="confirmPassword"]',
  code: 'input[name="credentials.passcode"]:not([type="password"]), ' +
    'input[name="answer"][type="tel"]',
  // The standard's name of a code that is sent or read off something, anyone who makes the page.
  oneTime: 'input[autocomplete~="one-time-code"]',
  // The box of a captcha that a person may have to solve, and the answer that is put into it once
  // it is solved (reCAPTCHA, hCaptcha, Turnstile; Friendly Captcha).
  captcha: '[data-sitekey]:not(button, input, [data-size="invisible"])',
  solution: '[name$="-response"], [name$="-solution"]',
  // What any authenticator of the widget is answered with, the password among them.
  proof: 'input[name^="credentials."], input[name="answer"], input[name="passCode"]',
  submit: '[data-se="save"], [data-type="save"], #okta-signin-submit, ' +
    'button[type="submit"], button:not([type]), input[type="submit"], input[type="image"]',
  // The button of Okta's forms.
  save: '[data-se="save"], [data-type="save"], #okta-signin-submit',
  // What a script may make a button of that submits; a link that leads nowhere is one.
  scriptedSubmit: '[role="button"], button[type="button"], input[type="button"], ' +
    'a:not([href]), a[href="#"], a[href^="javascript:"]',
  // What a person can press, whatever comes of it.
  pressed: 'button, [role="button"], [role="link"], input[type="submit"], input[type="button"]',
  // The same, and what may hold something of the kind.
  control: 'a, button, input, select, iframe, frame, object, embed, [role="button"], [role="link"]',
  // What shows another document.
  frame: 'iframe, frame, object, embed',
  // What says that something is still to come.
  busy: '[aria-busy="true"], [role="progressbar"], progress',
  goesOn: 'meta[http-equiv="refresh" i]',
  // Whatever can be typed into that is no field of text, or none of one line.
  otherField: 'input, textarea, [contenteditable=""], [contenteditable="true"], ' +
    '[role="textbox"], [role="combobox"]',
  // What holds the user's name where nobody can type it.
  fixedName: 'input[name="identifier"], input[name="username"], input[name="user"], ' +
    'input[name="login"], input[name="email"], input[autocomplete~="username"], ' +
    'input[type="email"]',
  stayOut: '[data-se="do-not-stay-signed-in-btn"]',
  skip: '[data-se="skip"], [data-se="skip-link"], [data-se="skip-setup"]',
  // The pages to set a factor up and to choose one that is set up differ in what they say alone.
  enrolment: '[data-se="authenticator-button"][aria-label^="Set up"], ' +
    'a.select-factor[aria-label^="Set up"], [data-se="barcode-setup-title"], .enroll-choices',
  choice: '[data-se="authenticator-button"][aria-label^="Select"], ' +
    'a.select-factor[aria-label^="Select"]',
  // One of several authenticators, in whatever language.
  authenticator: '[data-se="authenticator-button"], a.select-factor, .factor-option a',
  skipEnrolment: 'a.skip-all, button[type="submit"][data-se="save"], ' +
    '.enroll-choices input[type="submit"]',
  finishEnrolment: '.enroll-choices input[type="submit"][value="Finish"], a.skip-all, ' +
    'button[type="submit"][data-se="save"]',
  // In maintenance generation 3, whose links are buttons, marks its only one as the way back.
  skipMaintenance: '[data-se="skip"], [data-se="skip-setup"], ' +
    'button[data-se="cancel"][role="link"]',
  continueToApp: '.device-assurance-grace-period [data-type="save"], ' +
    '[data-se~="auth-container"] button[type="button"]:not([role="link"])',
  allow: '[data-se="save"], [data-type="save"]',
  // Classic Engine has a list that opens where it stands, and asks no server when it does.
  switchMethod: '[data-se="switchAuthenticator"], ' +
    '[data-type="factor-types-dropdown"] a.option-selected[aria-expanded="false"]',
  factorOption: '.factor-option',
  // What is shown of a factor there, in whatever language.
  googleIcon: '.mfa-google-auth-30',
  consentRefusal: 'input[data-type="cancel"], ' +
    'button[type="button"][data-se="cancel"]:not([role="link"])',
  back: '[data-se="cancel"]',
  alert: '.okta-form-infobox-error, [data-se="infobox-error"], .o-form-input-error, ' +
    '[id$="-error"], [role="alert"]',
  // What is said to be wrong where nothing is an alert by its role: what is read out at once, what
  // is called so by those who style pages, and what a field that is wrong is described by.
  complaint: '[aria-live="assertive"], .error, .error-message, .alert-danger, .alert-error, ' +
    '.invalid-feedback, [role="alertdialog"]',
  // What is said in passing, be it wrong or not.
  remark: '[aria-live="polite"], [role="status"]',
  wrong: 'input[aria-invalid="true"]',
  fieldAlert: '.o-form-input-error, [id$="-error"]',
  notice: '[aria-label="info"], [aria-label="warning"], [aria-label="success"], ' +
    '.infobox-info, .infobox-warning, .infobox-success, .alert-info',
  // What says that it went well, by Okta, Bootstrap and those who style pages.
  success: '[aria-label="success"], .infobox-success, .alert-success, .success-message',
  // Classic Engine moves the next page in while the last one is still there.
  moving: '.transition-from-right, .transition-from-left',
  heading: '[data-se="o-form-head"], h1, h2, [role="heading"]',
  // The same, and what stands above a part of the page.
  anyHeading: '[data-se="o-form-head"], h1, h2, h3, h4, h5, h6, [role="heading"]',
  // What holds a text that may be drawn as a heading.
  textual: 'p, div, span, strong, b, center, td, th',
  // Whose sign-in Okta's widget says it is.
  identifier: '[data-se="identifier"]',
  oldError: '#error-code, #error-description, .error-content h1',
  themedError: 'h2.o-form-title',
};

// Okta's widget takes no notice of a form that is submitted twice within 200 ms (`BaseForm` of its
// package Courage); the form of the next page is another one.
const SUBMIT_PERIOD_MS = 250;
// How long a button may stay disabled while the page checks what was typed.
const ENABLED_MS = 1500;
// How long a form that is not Okta's must have been the only one before it is used.
const STILL_MS = 300;
// How long frames and pictures that do not come may keep a page from being used.
const STRAGGLE_MS = 3000;
// A page of megabytes stays where it is.
const MOST = {
  text: 2000, all: 20_000, line: 300, name: 40, alerts: 5, alert: 400, fields: 200, drawn: 100_000,
};

// Stands above what is wrong with a field, and says nothing without it.
const REVIEW = 'We found some errors. Please review the form and make corrections.';

const cut = (text, most) => {
  const part = text.slice(0, most);
  return part.toWellFormed?.() ?? part;
};
const getter = (prototype, name) => (element) =>
  Object.getOwnPropertyDescriptor(prototype, name).get.call(element);
// A field of a form that is named so would hide the property.
const parentNodeOf = getter(Node.prototype, 'parentNode');
// What an element is in, out of the shadow tree that it may be in as well.
const parentOf = (node) => parentNodeOf(node) ?? (node instanceof ShadowRoot ? node.host : null);

// The document, and the shadow trees in it that are open.
const openTrees = (root = document) => {
  const inside = [...root.querySelectorAll('*')].map((element) => element.shadowRoot);
  return [root, ...inside.filter((tree) => tree instanceof ShadowRoot)
    .flatMap((tree) => openTrees(tree))];
};
let roots = openTrees();

const holds = (root, node) => {
  for (let at = node; at; at = parentOf(at)) {
    if (at === root) {
      return true;
    }
  }
  return false;
};
// The elements below one, whatever tree they are in.
const find = (root, selector) => {
  if (roots.length === 1) {
    return [...root.querySelectorAll(selector)];
  }
  return roots.flatMap((tree) => [...tree.querySelectorAll(selector)])
    .filter((element) => element !== root && holds(root, element));
};

const shown = (element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
// A part of a form may be disabled as a whole.
const usable = (element) => shown(element) && !element.matches(':disabled');
const all = (selector) => find(document, selector).filter(shown);
const first = (selector) => all(selector).find(usable);
// Words as a person reads them: without what is not seen, such as the marks around a text that is
// written from right to left, and with blanks of one kind.
const UNSEEN = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const BLANKS = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g;
const plainly = (words) => words.replace(UNSEEN, '').replace(BLANKS, ' ').trim();
// What is no HTML, such as a picture of its own, has no text as it is laid out.
const text = (element) =>
  (element ? plainly(element.innerText ?? element.textContent ?? '') : '');
const textOf = (selector) => text(all(selector)[0]);
