// ---- What the page says ----

// What was said before a form was submitted is no answer to it.
// That a number in it has changed, as it does where time is counted, makes it no other.
const withoutNumbers = (words) => words?.replace(/\d+/g, '');
const saidBefore = (element) =>
  withoutNumbers(window.oktaE2eSaid?.get(element)) === withoutNumbers(text(element));

// No new password is ever typed, so what the fields for one say is no answer to anything: the
// widget checks the field that a click on `skip` takes the focus from.
const leftBlank = (element) =>
  first(SELECTORS.newPassword) !== undefined && element.closest(SELECTORS.fieldAlert) !== null;

// What a field that is wrong is described by.
const descriptions = () => all(SELECTORS.wrong).flatMap((field) =>
  ['aria-errormessage', 'aria-describedby']
    .flatMap((name) => (field.getAttribute(name) ?? '').split(/\s+/))
    .map((id) => id && field.getRootNode().getElementById(id)))
  .filter((element) => element && shown(element));

// Whatever says that something is wrong; a part of the page that one can type into says more.
const complaints = () => [...new Set([
  ...all(SELECTORS.alert), ...all(SELECTORS.complaint), ...descriptions(),
])].filter((element) => element.querySelector('input') === null);

// What these say that is an answer to what was submitted.
const saidBy = (elements) => {
  const texts = elements
    .filter((element) => !element.closest(`${SELECTORS.notice}, ${SELECTORS.success}`))
    .filter((element) => !saidBefore(element) && !leftBlank(element))
    .map((element) => cut(text(element).replace(/^Error:\s*/, ''), MOST.alert))
    .filter((line) => line !== '' && line !== REVIEW);
  return [...new Set(texts)].slice(0, MOST.alerts);
};
const alerts = () => saidBy(complaints());
const remarks = () => saidBy(all(SELECTORS.remark));

const status = () => performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0;

// Okta's error page: it comes with an error status or says what is wrong, and has nothing to type
// into. Brands call parts of their own pages like parts of it.
const errorPage = () => {
  const part = (selector, most = MOST.line) => cut(textOf(selector), most);
  const told = (selector, most) => part(selector, most).replace(/^[^:]*:\s*/, '') || null;
  const page = all(SELECTORS.oldError).length > 0 ? {
    heading: part('.error-content h1') || part('.error-title'),
    code: told('#error-code'),
    description: told('#error-description', MOST.text),
  } : {
    heading: part(SELECTORS.themedError),
    code: part('.error-code') || null,
    description: part('p.o-form-explain', MOST.text) || null,
  };
  const isThere = all(`${SELECTORS.oldError}, ${SELECTORS.themedError}`).length > 0;
  const isError = status() >= 400 || page.code || page.description;
  return isThere && isError && !fieldsIn(document).some(shown) ? page : null;
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
// Outside of Okta's widget its names say nothing of what a control does.
const control = (name) => all(SELECTORS[name])
  .find((element) => usable(element) && holds(widget() ?? null, element));
// What shows another part of what the server said already.
const SHOWS_MORE = ['switchMethod'];

// Whether a person would see nothing to sign in with, whatever is around the place of the widget:
// no text, no field, no button, no picture.
const isBlank = () => {
  const part = widget() ?? document.body;
  return part === null || (text(part) === '' &&
    !find(part, `img, svg, canvas, ${SELECTORS.control}`).some(shown));
};

// Whether the page is to go on to another by itself in a while, or to come anew; nobody waits for
// one that is to do so later.
const SOON_S = 15;
const goesOn = () => find(document, SELECTORS.goesOn)
  .some(({ content }) => Number(/^\s*(\d+)/.exec(content)?.[1] ?? Infinity) <= SOON_S);

// Whether another document is in the page, large enough to have a form of its own.
const MIN_FRAME_PX = 100;
const isFramed = () => all(SELECTORS.frame).some((frame) => {
  const box = frame.getBoundingClientRect();
  return box.width >= MIN_FRAME_PX && box.height >= MIN_FRAME_PX;
});

// Whether it says that what was submitted went well, so that it is about to go on.
const succeeds = () => (window.oktaE2eActedAt ?? 0) > 0 &&
  all(SELECTORS.success).some((element) => text(element) !== '' && !saidBefore(element));

// Whether the page says that something is still to come: by what it is to go on to, by its roles,
// by what it says, counts or moves.
const isBusy = () => goesOn() || all(SELECTORS.busy).length > 0 || succeeds() || isCounting() ||
  document.getAnimations().some(({ playState, effect }) =>
    playState === 'running' && effect?.target && shown(effect.target));

const signInFields = () => fieldsIn(document)
  .filter((field) => field.type === 'password' || field.matches(SELECTORS.username));
// Whether there is a form to sign in with that nobody can reach.
const isCovered = () => signInFields().some(covered);

const look = () => {
  const has = (selector) => first(selector) !== undefined;
  const found = signIn();
  return {
    href: location.href,
    loaded: isLoaded(),
    moving: document.querySelector(SELECTORS.moving) !== null,
    status: status(),
    title: cut(document.title, MOST.line),
    heading: heading(),
    asks: fieldsIn(document).some(shown),
    can_be_pressed: has(SELECTORS.pressed),
    settling: found.settling ?? false,
    username: found.username !== undefined,
    password: found.password !== undefined,
    code: found.code !== undefined,
    proof: found.proof ?? false,
    several: found.several ?? false,
    is_oktas: found.isOktas ?? false,
    astray: found.astray ?? false,
    new_password: has(SELECTORS.newPassword),
    controls: CONTROLS.filter((name) => control(name) !== undefined),
    lists: has(SELECTORS.authenticator),
    enrolment: has(SELECTORS.enrolment),
    finishes: has(SELECTORS.finishEnrolment),
    choice: has(SELECTORS.choice),
    app_choice: has(SELECTORS.choice) && choiceOf(APP) !== undefined,
    password_choice: has(SELECTORS.choice) && choiceOf(PASSWORD_METHOD) !== undefined,
    acted_at: window.oktaE2eActedAt ?? 0,
    blank: isBlank(),
    busy: isBusy(),
    goes_on: goesOn(),
    doubtful: !found.password && !found.settling &&
      fieldsIn(document).some((field) => field.type === 'password' && visible(field)),
    covered: isCovered(),
    closed_for_now: signInFields().some(isClosedForNow),
    captcha: hasCaptcha(document),
    framed: isFramed(),
    content: document.contentType,
    born: performance.timeOrigin,
    held: window.oktaE2eHeld ?? null,
    scripted: document.scripts.length > 0,
    consent: has(SELECTORS.consentRefusal) && has(SELECTORS.submit),
    alerts: alerts(),
    remarks: remarks(),
    org_error: errorPage(),
  };
};
