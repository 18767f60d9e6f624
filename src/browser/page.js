// What the page shows, and the few things a person would do on it.
// Runs as a function body: `arguments` is [action, ...details]; selectors are those of the three
// generations of Okta's sign-in widget, with plain HTML forms as the last resort.
const [action, detail] = arguments;

const SELECTORS = {
  username: 'input[name="identifier"], #okta-signin-username, input[name="username"], ' +
    'input[autocomplete~="username"], input[type="email"]',
  password: 'input[name="credentials.passcode"][type="password"], #okta-signin-password, ' +
    'input[type="password"]',
  newPassword: 'input[name="newPassword"], input[name="confirmPassword"]',
  code: 'input[name="credentials.passcode"]:not([type="password"]), input[name="answer"][type="tel"]',
  submit: '[data-se="save"], [data-type="save"], #okta-signin-submit, ' +
    'button[type="submit"], button:not([type]), input[type="submit"]',
  stayOut: '[data-se="do-not-stay-signed-in-btn"]',
  skip: '[data-se="skip"], [data-se="skip-link"]',
  // The pages to set a factor up and to choose one that is set up differ in what they say alone.
  enrolment: '[data-se="authenticator-button"][aria-label^="Set up"], ' +
    'a.select-factor[aria-label^="Set up"], [data-se="barcode-setup-title"], .enroll-choices',
  choice: '[data-se="authenticator-button"][aria-label^="Select"], ' +
    'a.select-factor[aria-label^="Select"]',
  chooseApp: '[data-se="authenticator-button"][aria-label^="Select Google Authenticator"], ' +
    'a.select-factor[aria-label^="Select Google Authenticator"]',
  skipEnrolment: 'a.skip-all, button[type="submit"][data-se="save"], ' +
    '.enroll-choices input[type="submit"][value="Finish"]',
  allow: '[data-se="save"], [data-type="save"]',
  consentRefusal: 'input[data-type="cancel"], button[type="button"][data-se="cancel"]:not([role="link"])',
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

// Stands above what is wrong with a field, and says nothing without it.
const REVIEW = 'We found some errors. Please review the form and make corrections.';

const shown = (element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
const usable = (element) => shown(element) && !element.disabled;
const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
const first = (selector) => all(selector).find(usable);
const text = (element) => (element ? element.innerText.trim() : '');
const textOf = (selector) => text(all(selector)[0]);

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
    .map((element) => text(element).replace(/^Error:\s*/, ''))
    .filter((line) => line !== '' && line !== REVIEW);
  return [...new Set(texts)];
};

const errorPage = () => {
  if (all(SELECTORS.oldError).length > 0) {
    return {
      heading: textOf('.error-content h1') || textOf('.error-title'),
      code: textOf('#error-code').replace(/^[^:]*:\s*/, '') || null,
      description: textOf('#error-description').replace(/^[^:]*:\s*/, '') || null,
    };
  }
  if (all(SELECTORS.themedError).length > 0) {
    return {
      heading: textOf(SELECTORS.themedError),
      code: textOf('.error-code') || null,
      description: textOf('p.o-form-explain') || null,
    };
  }
  return null;
};

// Other providers name the field as they like; it stands before the password.
const beforePassword = () => {
  const form = first(SELECTORS.password)?.form;
  return form && [...form.querySelectorAll('input[type="text"], input:not([type])')].find(usable);
};
const find = (name) =>
  first(SELECTORS[name]) ?? (name === 'username' ? beforePassword() : undefined);

const look = () => {
  const has = (selector) => first(selector) !== undefined;
  return {
    href: location.href,
    loaded: document.readyState === 'complete',
    moving: document.querySelector(SELECTORS.moving) !== null,
    status: performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0,
    title: document.title,
    heading: textOf('[data-se="o-form-head"]') ||
      all(SELECTORS.heading).map(text).find((line) => line !== '') || '',
    username: find('username') !== undefined,
    password: has(SELECTORS.password),
    new_password: has(SELECTORS.newPassword),
    code: has(SELECTORS.code),
    stay_out: has(SELECTORS.stayOut),
    skip: has(SELECTORS.skip),
    enrolment: has(SELECTORS.enrolment),
    choice: has(SELECTORS.choice),
    app_choice: has(SELECTORS.chooseApp),
    skip_enrolment: has(SELECTORS.skipEnrolment),
    consent: has(SELECTORS.consentRefusal) && has(SELECTORS.submit),
    alerts: alerts(),
    org_error: errorPage(),
  };
};

// As a paste: the page sees the events of somebody's input. What the field holds gives way.
const type = (name, text) => {
  const field = find(name);
  field?.focus();
  field?.select();
  document.execCommand('insertText', false, text);
};

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Types these texts and submits their form; false if a field is not there, kept what it was
// prefilled with or lost a part of what was typed, by being drawn anew: that is never submitted.
const fill = async (texts) => {
  const names = Object.keys(texts);
  names.forEach((name) => type(name, texts[name]));
  const form = find(names[0])?.form ?? document;
  const submitted = window.oktaE2eSubmitted ??= new WeakMap();
  await pause((submitted.get(form) ?? -Infinity) + SUBMIT_PERIOD_MS - performance.now());
  if (!names.every((name) => find(name)?.value === texts[name])) {
    return false;
  }
  submitted.set(form, performance.now());
  window.oktaE2eSaid = new WeakMap(all(SELECTORS.alert).map((element) => [element, text(element)]));
  const button = [...form.querySelectorAll(SELECTORS.submit)].find(usable) ?? first(SELECTORS.submit);
  button?.click();
  return button !== undefined;
};

const click = (name) => {
  const element = first(SELECTORS[name]);
  if (element) {
    element.click();
  }
  return element !== undefined;
};

const visit = (url) => location.assign(url);

const readableText = () => (document.body ? document.body.innerText : '');

return { visit, look, fill, click, readableText }[action](detail);
