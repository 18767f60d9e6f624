// What the page shows, and the few things a person would do on it.
// Runs as a function body with `picture.js`: `arguments` is [action, detail]. Where DevTools are to be had it runs in
// a world of its own, in which no script of the page can change a getter or listen.
const [action, detail] = arguments;

const SELECTORS = {
  // Where Okta's widget is, or is about to be drawn.
  widget: '[data-se~="auth-container"], #okta-sign-in, #okta-login-container, #signin-container',
  widgetScript: 'script[src*="okta-sign-in"], script[src*="okta-signin-widget"]',
  username: 'input[name="identifier"], #okta-signin-username, input[name="username"], ' +
    'input[autocomplete~="username"], input[type="email"]',
  newPassword: 'input[name="newPassword"], input[name="confirmPassword"]',
  code: 'input[name="credentials.passcode"]:not([type="password"]), ' +
    'input[name="answer"][type="tel"]',
  // What any authenticator of the widget is answered with, the password among them.
  proof: 'input[name^="credentials."], input[name="answer"], input[name="passCode"]',
  submit: '[data-se="save"], [data-type="save"], #okta-signin-submit, ' +
    'button[type="submit"], button:not([type]), input[type="submit"]',
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
  fieldAlert: '.o-form-input-error, [id$="-error"]',
  notice: '[aria-label="info"], [aria-label="warning"], [aria-label="success"], ' +
    '.infobox-info, .infobox-warning, .infobox-success',
  // Classic Engine moves the next page in while the last one is still there.
  moving: '.transition-from-right, .transition-from-left',
  heading: '[data-se="o-form-head"], h1, h2',
  oldError: '#error-code, #error-description, .error-content h1',
  themedError: 'h2.o-form-title',
};

// Okta's widget takes no notice of a form that is submitted twice within 200 ms (`BaseForm` of its
// package Courage); the form of the next page is another one.
const SUBMIT_PERIOD_MS = 250;
// How long a form that is not Okta's must have been the only one before it is used.
const STILL_MS = 300;
// A page of megabytes stays where it is.
const MOST = { text: 2000, line: 300, alerts: 5, alert: 400, fields: 200, drawn: 100_000 };

// Stands above what is wrong with a field, and says nothing without it.
const REVIEW = 'We found some errors. Please review the form and make corrections.';

const cut = (text, most) => {
  const part = text.slice(0, most);
  return part.toWellFormed?.() ?? part;
};
const shown = (element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
const usable = (element) => shown(element) && !element.disabled;
const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
const first = (selector) => all(selector).find(usable);
const text = (element) => (element ? element.innerText.trim() : '');
const textOf = (selector) => text(all(selector)[0]);

// ---- What a person can see and type into ----

const MIN_SIZE_PX = 8;
const MIN_OPACITY = 0.1;

const parents = (element) => {
  const found = [];
  for (let at = element; at; at = at.parentElement) {
    found.push(at);
  }
  return found;
};
const opacity = (element) => parents(element)
  .reduce((product, parent) => product * Number(getComputedStyle(parent).opacity), 1);

const middle = (field) => {
  const box = field.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
};
// Whether a click in its middle would meet it, if that is in view: nothing covers or clips it.
const reachable = (field) => {
  const [x, y] = middle(field);
  if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) {
    return false;
  }
  const hit = document.elementFromPoint(x, y);
  return hit !== null &&
    (hit === field || [...(field.labels ?? [])].some((label) => label.contains(hit)));
};
// Whether its middle is out of view, where one can scroll to: a field may be half in view.
const isBelowOrBeside = (field) => {
  const [x, y] = middle(field);
  return y >= innerHeight || x >= innerWidth ||
    (y < 0 && y + scrollY > 0) || (x < 0 && x + scrollX > 0);
};

const visible = (field) => {
  const box = field.getBoundingClientRect();
  return usable(field) && !field.readOnly && !field.closest('[aria-hidden="true"]') &&
    box.width >= MIN_SIZE_PX && box.height >= MIN_SIZE_PX &&
    opacity(field) >= MIN_OPACITY && (reachable(field) || isBelowOrBeside(field));
};

const isTextLike = (field) =>
  ['text', 'email', 'tel', 'password', 'number', 'search', 'url'].includes(field.type);
const fieldsIn = (root) =>
  [...root.querySelectorAll('input')].slice(0, MOST.fields).filter(isTextLike);

// ---- Which form is for signing in: lists of what is one, never of what is none ----

const autocomplete = (field) =>
  (field.getAttribute('autocomplete') ?? '').toLowerCase().split(/\s+/);
const isNew = (field) => autocomplete(field).includes('new-password') ||
  field.matches(SELECTORS.newPassword);

const labelsOf = (field) => [
  field.getAttribute('aria-label'), field.placeholder, ...[...(field.labels ?? [])].map(text),
].filter(Boolean).map((label) => label.replace(/[*:\s]+/g, ' ').trim());

const headingIn = (root) => text([...root.querySelectorAll(SELECTORS.heading)].filter(shown)
  .find((heading) => text(heading) !== ''));
// A form may have its button, and its fields, outside of it.
const buttonIn = (root, form) => [...(form ? document : root).querySelectorAll(SELECTORS.submit)]
  .filter(usable)
  .find((button) => form === null || (button.form ?? button.closest('form')) === form);
const wordsOf = (button) => (button ? (button.value || text(button)) : '').trim();

const SIGN_IN = /\b(sign|log)[ -]?(in|on)\b/i;
const GO_ON = /^(next|continue|submit|verify|go|ok)$/i;
const PASSWORD = /^((enter|type) )?((your|the|okta|current) )*password$/i;
const VERIFY_PASSWORD = /^verify with your password$/i;

// A form that says it signs in: by its button, or by its heading where the button only goes on; the
// heading of the page is that of its only form.
const saysSignIn = (root, form, isOnly) => {
  const words = wordsOf(buttonIn(root, form));
  const titles = [headingIn(root), ...(isOnly ? [heading(), document.title] : [])];
  return SIGN_IN.test(words) ||
    (GO_ON.test(words) && titles.some((line) => SIGN_IN.test(line)));
};

// The view of the widget's second generation says in its class what it asks for; the third puts the
// user's name, out of sight, into the form that asks for the password; Classic has ids of its own.
const isOktaPassword = (field, fields) => {
  if (field.id === 'okta-signin-password') {
    return true;
  }
  if (field.name !== 'credentials.passcode') {
    return false;
  }
  const view = field.closest('.siw-main-view');
  if (view) {
    return view.matches('.primary-auth, .mfa-verify-password');
  }
  return fields.some((other) => ['identifier', 'username'].includes(other.name)) ||
    VERIFY_PASSWORD.test(heading());
};

const isOktaUsername = (field, root) => {
  if (field.id === 'okta-signin-username') {
    return true;
  }
  const view = field.closest('.siw-main-view');
  // Only the first page has no way back to it: those to reset or unlock have one.
  return field.name === 'identifier' &&
    (view ? view.matches('.primary-auth') : root.querySelector(SELECTORS.back) === null);
};

// The part of the page that is Okta's; null: it is on its way; undefined: there is none.
const widget = () => {
  const places = [...document.querySelectorAll(SELECTORS.widget)];
  const isInnermost = (place) => !places.some((other) => other !== place && place.contains(other));
  const coming = document.querySelector(SELECTORS.widgetScript) ? null : undefined;
  return places.find(isInnermost) ?? coming;
};

// What is to be typed into the widget, and whether it shows another form than one to sign in with.
const oktaForm = (root) => {
  const fields = fieldsIn(root);
  const seen = fields.filter(visible);
  const isPassword = (field) => field.type === 'password' && isOktaPassword(field, fields);
  const passwords = seen.filter(isPassword);
  const usernames = seen
    .filter((field) => field.type !== 'password' && isOktaUsername(field, root));
  const code = seen.find((field) => field.matches(SELECTORS.code));
  const proof = seen.some((field) => field.matches(SELECTORS.proof) && !isPassword(field));
  if (fields.some((field) => isNew(field) && shown(field))) {
    return { key: seen[0] };
  }
  if (passwords.length > 1 || usernames.length > 1 || passwords.length + usernames.length === 0) {
    return { root, code, proof, key: seen[0] };
  }
  return { root, username: usernames[0], password: passwords[0] };
};

// The same for a form of another make: a user name and one password, or one of them at a time.
const otherForm = (form, inputs, isOnly) => {
  const root = form ?? document.body;
  const own = fieldsIn(document).filter((field) => field.form === form);
  const passwords = inputs.filter((field) => field.type === 'password');
  const texts = inputs.filter((field) => ['text', 'email', 'tel'].includes(field.type));
  if (passwords.length > 1 || own.some(isNew)) {
    return undefined;
  }
  const [password] = passwords;
  // It is named as its maker likes; it stands before the password.
  const isBefore = (field) => password && field.type === 'text' &&
    (field.compareDocumentPosition(password) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const username = texts.find((field) => field.matches(SELECTORS.username)) ?? texts.find(isBefore);
  if (password && !username) {
    const isNamed = own.some((field) => autocomplete(field).includes('username'));
    const words = [...labelsOf(password), headingIn(root)];
    const isCalled = words.some((line) => PASSWORD.test(line) || VERIFY_PASSWORD.test(line));
    return isNamed || isCalled ? { root, form, password } : undefined;
  }
  const code = texts.find((field) => field.matches(SELECTORS.code));
  if (code && !password) {
    return { root, form, code };
  }
  const isSignIn = username && saysSignIn(root, form, isOnly);
  return isSignIn ? { root, form, username, password } : undefined;
};

const otherForms = () => {
  const inputs = fieldsIn(document).filter(visible);
  const forms = [...new Set(inputs.map((field) => field.form))];
  const isOnly = forms.length === 1;
  const found = forms
    .map((form) => otherForm(form, inputs.filter((field) => field.form === form), isOnly));
  return found.filter((one) => one !== undefined);
};

// Whether this was the only field in question for so long, on a page that has been loaded.
const standsStill = (field, milliseconds) => {
  if (window.oktaE2eOnly?.field !== field) {
    window.oktaE2eOnly = { field, since: performance.now() };
  }
  const since = performance.now() - window.oktaE2eOnly.since;
  return document.readyState === 'complete' && since >= milliseconds;
};

// The one form to sign in with. `settling`: there may be one in a moment; `astray`: the widget
// shows one that is for something else.
const signIn = () => {
  const root = widget();
  if (root) {
    const found = oktaForm(root);
    const field = found.username ?? found.password ?? found.code;
    const isAstray = !field && !found.proof && found.key !== undefined;
    return { ...found, form: field?.form ?? null, astray: isAstray };
  }
  const [found, ...others] = root === undefined ? otherForms() : [];
  if (!found || others.length > 0) {
    return {};
  }
  const field = found.username ?? found.password ?? found.code;
  return standsStill(field, STILL_MS) ? found : { settling: true };
};

// ---- Where a form would send what is typed ----

const getter = (prototype, name) => (element) =>
  Object.getOwnPropertyDescriptor(prototype, name).get.call(element);
// A field of the form that is named so would hide the property.
const actionOf = getter(HTMLFormElement.prototype, 'action');

// Why nothing may be typed, or nothing. Compares by `===` alone, which no script can listen to.
const danger = ({ form, root }, trusted, holdsSecret) => {
  const isTrusted = (origin) => {
    for (let at = 0; at < trusted.length; at += 1) {
      if (trusted[at] === origin) {
        return true;
      }
    }
    return false;
  };
  if (window !== window.top || !isTrusted(location.origin)) {
    return { outcome: 'refused', danger: 'page', origin: location.origin };
  }
  if (!form) {
    return null;
  }
  const button = buttonIn(root, form);
  const own = (name) => button?.getAttribute(`form${name}`) ?? null;
  const of = (name) => own(name) ?? form.getAttribute(name);
  const action = new URL(own('action') === null ? actionOf(form) : button.formAction);
  // `javascript:` and the like have no origin.
  const origin = action.origin === 'null' ? action.protocol : action.origin;
  if (!isTrusted(origin)) {
    return { outcome: 'refused', danger: 'form', origin };
  }
  const opens = of('target') ?? document.querySelector('base[target]')?.target ?? '';
  if (!['', '_self', '_top', '_parent'].includes(opens.toLowerCase())) {
    return { outcome: 'refused', danger: 'window', origin };
  }
  // Forms that a script submits name no method; one that names GET means it.
  if (holdsSecret && of('method')?.trim().toLowerCase() === 'get') {
    return { outcome: 'refused', danger: 'address', origin };
  }
  return null;
};

// ---- What the page says ----

// What was said before a form was submitted is no answer to it.
const saidBefore = (element) => window.oktaE2eSaid?.get(element) === text(element);

// No new password is ever typed, so what the fields for one say is no answer to anything: the
// widget checks the field that a click on `skip` takes the focus from.
const leftBlank = (element) =>
  first(SELECTORS.newPassword) !== undefined && element.closest(SELECTORS.fieldAlert) !== null;

const alerts = () => {
  const texts = all(SELECTORS.alert)
    .filter((element) => !element.closest(SELECTORS.notice))
    .filter((element) => !saidBefore(element) && !leftBlank(element))
    .map((element) => cut(text(element).replace(/^Error:\s*/, ''), MOST.alert))
    .filter((line) => line !== '' && line !== REVIEW);
  return [...new Set(texts)].slice(0, MOST.alerts);
};

const errorPage = () => {
  const part = (selector, most = MOST.line) => cut(textOf(selector), most);
  if (all(SELECTORS.oldError).length > 0) {
    return {
      heading: part('.error-content h1') || part('.error-title'),
      code: part('#error-code').replace(/^[^:]*:\s*/, '') || null,
      description: part('#error-description', MOST.text).replace(/^[^:]*:\s*/, '') || null,
    };
  }
  if (all(SELECTORS.themedError).length > 0) {
    return {
      heading: part(SELECTORS.themedError),
      code: part('.error-code') || null,
      description: part('p.o-form-explain', MOST.text) || null,
    };
  }
  return null;
};

const heading = () => cut(textOf('[data-se="o-form-head"]') ||
  all(SELECTORS.heading).map(text).find((line) => line !== '') || '', MOST.line);

// The button of one authenticator in a list of them: by the key that the page has for it; by what
// it is called where the page has keys for none.
const choiceOf = ({ key, label }) => {
  const buttons = all(SELECTORS.authenticator).filter(usable);
  const keysOf = (button) => [
    button.closest('.authenticator-button[data-se]')?.dataset.se,
    ...[...button.querySelectorAll('[id$="-label"]')].map((part) => part.id.replace(/_\d+-.*/, '')),
    button.closest(SELECTORS.factorOption) &&
      (button.querySelector(SELECTORS.googleIcon) ? APP.key : 'another'),
  ].filter(Boolean);
  const isCalled = (button) =>
    button.getAttribute('aria-label') === `Select ${label}.` || text(button) === label ||
    text(button.querySelector('[data-se="authenticator-button-label"]')) === label;
  const isKeyed = buttons.some((button) => keysOf(button).length > 0);
  const found = buttons
    .filter((button) => (isKeyed ? keysOf(button).includes(key) : isCalled(button)));
  return found.length === 1 ? found[0] : undefined;
};
const APP = { key: 'google_otp', label: 'Google Authenticator' };
const PASSWORD_METHOD = { key: 'okta_password', label: 'Password' };

// What can be clicked that leads past a page and does nothing else.
const CONTROLS =
  ['stayOut', 'skip', 'skipEnrolment', 'skipMaintenance', 'continueToApp', 'allow', 'switchMethod'];
// What shows another part of what the server said already.
const SHOWS_MORE = ['switchMethod'];

// Whether a person would see nothing: no text, no field, no button, no picture.
const isBlank = () => heading() === '' && (document.body?.innerText ?? '').trim() === '' &&
  all('input, button, a, img, svg, canvas, iframe').length === 0;

const look = () => {
  const has = (selector) => first(selector) !== undefined;
  const found = signIn();
  return {
    href: location.href,
    loaded: document.readyState === 'complete',
    moving: document.querySelector(SELECTORS.moving) !== null,
    status: performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0,
    title: cut(document.title, MOST.line),
    heading: heading(),
    asks: fieldsIn(document).some(shown),
    settling: found.settling ?? false,
    username: found.username !== undefined,
    password: found.password !== undefined,
    code: found.code !== undefined,
    proof: found.proof ?? false,
    astray: found.astray ?? false,
    new_password: has(SELECTORS.newPassword),
    controls: CONTROLS.filter((name) => has(SELECTORS[name])),
    lists: has(SELECTORS.authenticator),
    enrolment: has(SELECTORS.enrolment),
    finishes: has(SELECTORS.finishEnrolment),
    choice: has(SELECTORS.choice),
    app_choice: has(SELECTORS.choice) && choiceOf(APP) !== undefined,
    password_choice: has(SELECTORS.choice) && choiceOf(PASSWORD_METHOD) !== undefined,
    acted_at: window.oktaE2eActedAt ?? 0,
    blank: isBlank(),
    scripted: document.scripts.length > 0,
    consent: has(SELECTORS.consentRefusal) && has(SELECTORS.submit),
    alerts: alerts(),
    org_error: errorPage(),
  };
};

// ---- What is done ----

// As a paste: the page sees the events of somebody's input. What the field holds gives way. Text
// goes to whatever has the focus, which a page may have moved.
const type = (field, text) => {
  field.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  field.focus();
  field.select();
  if (document.activeElement === field && reachable(field)) {
    document.execCommand('insertText', false, text);
  }
};

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Types these texts into the form to sign in with and submits it, if all of it stays with trusted
// origins: seen before typing, and again in the very turn of the click. `lost`: a field is not
// there, kept what it was prefilled with or lost a part of what was typed, by being drawn anew;
// that is never submitted.
const fill = async ({ texts, trusted }) => {
  const names = Object.keys(texts);
  const holdsSecret = names.some((name) => name !== 'username');
  const before = signIn();
  const refusal = danger(before, trusted, holdsSecret);
  if (refusal) {
    return refusal;
  }
  if (!names.every((name) => before[name])) {
    return { outcome: 'lost' };
  }
  names.forEach((name) => type(before[name], texts[name]));
  const key = before.form ?? document;
  const submitted = window.oktaE2eSubmitted ??= new WeakMap();
  await pause((submitted.get(key) ?? -Infinity) + SUBMIT_PERIOD_MS - performance.now());
  const now = signIn();
  const changed = danger(now, trusted, holdsSecret);
  if (changed) {
    return changed;
  }
  const button = now.root && buttonIn(now.root, now.form);
  const isWhole = names.every((name) => now[name]?.value === texts[name]);
  if (!button || !isWhole || now.form !== before.form) {
    return { outcome: 'lost' };
  }
  submitted.set(key, performance.now());
  window.oktaE2eSaid = new WeakMap(all(SELECTORS.alert).map((alert) => [alert, text(alert)]));
  window.oktaE2eActedAt = Date.now();
  button.click();
  return { outcome: 'submitted' };
};

const press = (element, asks) => {
  if (element) {
    window.oktaE2eActedAt = asks ? Date.now() : window.oktaE2eActedAt;
    element.click();
  }
  return element !== undefined;
};
const click = (name) => press(first(SELECTORS[name]), !SHOWS_MORE.includes(name));
const choose = (authenticator) => {
  const button = choiceOf(authenticator);
  return press(button, button?.closest(SELECTORS.factorOption) === null);
};

const visit = (url) => location.assign(url);

const shows = () => ({
  title: cut(document.title, MOST.line),
  text: document.body ? cut(document.body.innerText, MOST.text) : '',
});
