// ---- What is done ----

// A page may wait for keys before it lets anybody press its button; this one is no key of any.
const pressKey = (field) => ['keydown', 'keyup'].forEach((kind) =>
  field.dispatchEvent(new KeyboardEvent(kind, { bubbles: true, composed: true })));
// As a paste: the page sees the events of somebody's input. What the field holds gives way. Text
// goes to whatever has the focus, which a page may have moved.
const type = (field, text) => {
  const typed = window.oktaE2eTyped ??= new WeakMap();
  // In the middle, where no bar at an edge covers it.
  field.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
  field.focus();
  field.select();
  if (field.getRootNode().activeElement === field && reachable(field)) {
    document.execCommand('insertText', false, text);
    typed.set(field, text);
    pressKey(field);
  }
};

// Whether a password that was typed and not submitted stands in a field out of sight: it would be
// sent with whatever else is.
const leftBehind = (fields) => fieldsIn(document).some((field) => field.type === 'password' &&
  field.value !== '' && window.oktaE2eTyped?.get(field) === field.value && !fields.includes(field));

// Sees whether the page leaves for another by itself: one may send its form once it is filled in,
// another comes anew in the language of the user that was named.
const departure = () => {
  const seen = { left: false, posts: false };
  const note = ({ hashChange, destination, formData }) => {
    seen.left ||= !hashChange && !destination.sameDocument;
    seen.posts ||= formData !== null;
  };
  globalThis.navigation?.addEventListener('navigate', note);
  seen.end = () => globalThis.navigation?.removeEventListener('navigate', note);
  return seen;
};

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const enabled = async (button) => {
  const end = performance.now() + ENABLED_MS;
  while (button && !usable(button) && performance.now() < end) {
    await pause(10);
  }
};

// The addresses of people in the part of the page that a form and its heading are in; one that can
// be written to is of somebody who helps.
const addressesAbove = (root) => {
  const part = parents(root).find((one) => find(one, SELECTORS.heading).some(shown)) ?? root;
  const links = find(part, 'a').map(text);
  const found = text(part).match(/[^\s<>()"',:;]+@[^\s<>()"',:;]+/g) ?? [];
  return found.filter((one) => !/[*•…]/.test(one) && !links.some((link) => link.includes(one)));
};

// Who a page is about that asks for a password alone, as far as it says so: by the field of the
// name that nobody can type into, by the widget's line, or by an address that stands beside heading
// and form. One that is masked in part tells nothing.
const isTold = (name) => name !== '' && !/[*•…]/.test(name);
// Or by any that is named after a user and has an address in it.
const isFixedName = (field) => field.matches(SELECTORS.fixedName) ||
  (NAMES_USER.test(field.name) && /^[^\s@]+@[^\s@]+$/.test(plainly(field.value)));
const fixedNames = ({ root, form }) => find(document, 'input').filter(isFixedName)
  .filter((field) => (form ? field.form === form : holds(root, field)) && !visible(field))
  .map((field) => plainly(field.value)).filter(isTold);
const namesOn = (found) => {
  const shownNames = find(found.root, SELECTORS.identifier).filter(shown).map(text).filter(isTold);
  const [name] = [...fixedNames(found), ...shownNames];
  return name === undefined ? addressesAbove(found.root) : [name];
};

// Why the password of this user is not what such a page asks for, or nothing: of whom it is, the
// page says, or the name was submitted before; then what the form sends along counts alone, since
// a page may show another address of the same user. A name may be written with a domain or without
// one.
const notAsked = (found, { name, isNamed }) => {
  const plain = (one) => one.trim().toLowerCase().replace(/^.*\\/, '').replace(/@.*$/, '');
  const names = isNamed ? fixedNames(found) : namesOn(found);
  if (names.length > 0) {
    return names.some((one) => plain(one) === plain(name)) ? null : { outcome: 'another' };
  }
  return isNamed || found.isOktas ? null : { outcome: 'nobody' };
};

// Whether what stands above a password alone says that it signs in, greets, calls the password or
// the user, or tells nothing; whatever else may want the password as well.
const asksForPassword = ({ password, isOktas }) => {
  const line = headingAbove(password);
  return isOktas || isMute(line) || tellsOfSigningIn(line) || line.includes('@') ||
    VERIFY_PASSWORD.test(lowered(line)) || isPasswordLine(line) ||
    isOneOf(line, ENTER_PASSWORD_PHRASES);
};

// Whether a field holds this: a page may write who signs in in capitals, or in none.
const holdsText = (name, field, text) => {
  const plain = (one) => (name === 'username' ? one.toLowerCase() : one);
  return field !== undefined && plain(field.value) === plain(text);
};

// Whether the browser sends a form not at all, since a field of it does not take what is in it.
const isBlocked = (form, button) => form !== null && ['submit', 'image'].includes(button.type) &&
  !form.hasAttribute('novalidate') && !button.hasAttribute('formnovalidate') && fieldsIn(document)
  .some((field) => field.form === form && field.willValidate && !field.validity.valid);

// As a person fills them in.
const ORDER = ['username', 'password', 'code'];

// Types these texts into the form to sign in with and submits it, if all of it stays with trusted
// origins: seen before typing, and again in the very turn of the click. `lost`: a field is not
// there, kept what it was prefilled with or lost a part of what was typed, by being drawn anew;
// that is never submitted. `another`: it asks for the password of another user than `owner`;
// `nobody`: it does not say of whom; `doubtful`: it may want it for something else. `left`: the page
// has gone by itself, and no form with it; `typed`: it is still to be submitted, unless the page
// has done that by itself, which anyone who `looks` sees and a script does not.
const fill = async (detail) => {
  const { texts, trusted, owner, looks } = detail;
  const names = ORDER.filter((name) => name in texts);
  const holdsSecret = names.some((name) => name !== 'username');
  const before = signIn();
  const refusal = danger(before, trusted, holdsSecret);
  if (refusal) {
    return refusal;
  }
  if (!names.every((name) => before[name])) {
    return { outcome: 'lost' };
  }
  if (texts.username === undefined && texts.password !== undefined) {
    const stranger = notAsked(before, owner);
    if (stranger || !asksForPassword(before)) {
      return stranger ?? { outcome: 'doubtful' };
    }
  }
  holdPage(names.filter((name) => name !== 'username').map((name) => texts[name]), trusted);
  const typing = { before, names, said: saidNow(), since: Date.now() };
  window.oktaE2eTyping = typing;
  const page = cut(document.body?.innerText ?? '', MOST.all);
  const departed = departure();
  // What is there already is not typed again: a page may begin anew with each key.
  names.filter((name) => !holdsText(name, before[name], texts[name]))
    .forEach((name) => type(before[name], texts[name]));
  // As somebody who goes to the button leaves the field.
  before[names.at(-1)].blur();
  await pause((submits().get(before.form ?? document) ?? -Infinity) + SUBMIT_PERIOD_MS -
    performance.now());
  await enabled(buttonIn(before.root, before.form));
  departed.end();
  const { since } = typing;
  if (departed.left) {
    return { outcome: departed.posts || !holdsSecret ? 'submitted' : 'left', since, page };
  }
  const isSeen = looks && holdsSecret && !before.isOktas;
  return { ...(isSeen ? { outcome: 'typed' } : submit(detail)), since, page };
};

const submits = () => window.oktaE2eSubmitted ??= new WeakMap();
const saidNow = () => new WeakMap([...complaints(), ...all(SELECTORS.remark)]
  .map((element) => [element, text(element)]));
// What was typed was submitted, by the page itself: what it says from then on is the answer.
const taken = () => {
  const { said, since } = window.oktaE2eTyping ?? {};
  window.oktaE2eSaid = said ?? window.oktaE2eSaid;
  window.oktaE2eActedAt = since ?? window.oktaE2eActedAt;
};

// Submits what was typed, as `fill` does.
const submit = ({ texts, trusted }) => {
  if (window.oktaE2eTyping === undefined) {
    return { outcome: 'lost' };
  }
  const { before, names } = window.oktaE2eTyping;
  const holdsSecret = names.some((name) => name !== 'username');
  const now = signIn();
  const changed = danger(now, trusted, holdsSecret);
  if (changed) {
    return changed;
  }
  const button = now.root && buttonIn(now.root, now.form);
  // A page may have the password to be typed once it has the name.
  const asksForMore = now.password && !before.password;
  const isWhole = !asksForMore && names.every((name) => holdsText(name, now[name], texts[name])) &&
    !leftBehind(names.map((name) => now[name]));
  if (!button || !usable(button) || !isWhole || now.form !== before.form ||
      isBlocked(now.form, button)) {
    return { outcome: 'lost' };
  }
  submits().set(before.form ?? document, performance.now());
  window.oktaE2eTyped = undefined;
  window.oktaE2eSaid = saidNow();
  window.oktaE2eActedAt = Date.now();
  const form = holdForm(now, trusted, holdsSecret);
  button.click();
  form.end();
  return window.oktaE2eHeld ? { outcome: 'refused', ...window.oktaE2eHeld }
    : { outcome: 'submitted' };
};

const press = (element, asks) => {
  if (element) {
    window.oktaE2eActedAt = asks ? Date.now() : window.oktaE2eActedAt;
    element.click();
  }
  return element !== undefined;
};
const click = (name) => press(control(name), !SHOWS_MORE.includes(name));
const choose = (authenticator) => {
  const button = choiceOf(authenticator);
  return press(button, button?.closest(SELECTORS.factorOption) === null);
};

const visit = (url) => location.assign(url);

// Takes what an address says off a page of this origin: whether it was one.
const forget = ({ origin, path }) => {
  const isThere = location.origin === origin;
  if (isThere) {
    history.replaceState(null, '', path);
  }
  return isThere;
};

const shows = () => ({
  title: cut(document.title, MOST.line),
  text: document.body ? cut(document.body.innerText, MOST.text) : '',
});
