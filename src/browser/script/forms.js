// ---- Which form is for signing in: lists of what is one, never of what is none ----

const autocomplete = (field) =>
  (field.getAttribute('autocomplete') ?? '').toLowerCase().split(/\s+/);
const isNew = (field) => autocomplete(field).includes('new-password') ||
  field.matches(SELECTORS.newPassword);

const tidy = (labels) => labels.filter(Boolean)
  .map((label) => plainly(label).replace(/[*:\s]+/g, ' ').trim()).filter(Boolean);
// What a field is called, whatever is in it.
const namesOf = (field) => {
  const ids = (field.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean);
  const named = ids.map((id) => text(field.getRootNode().getElementById(id)));
  return tidy([field.getAttribute('aria-label'), ...named, ...[...(field.labels ?? [])].map(text)]);
};
const labelsOf = (field) => [...namesOf(field), ...tidy([field.placeholder, field.title])];
// What stands right before a field, or before the part of the page that has no other field; in a
// table, in the cell before its own.
const textBefore = (field) => {
  for (let at = field.closest('td') ?? field; at && at !== field.form; at = at.parentElement) {
    if (find(at, 'input').some((other) => other !== field)) {
      return '';
    }
    let before = at.previousSibling;
    while (before && before.textContent.trim() === '' && before.nodeName !== 'INPUT') {
      before = before.previousSibling;
    }
    if (before) {
      const isField = before instanceof Element &&
        (before.matches('input') || before.querySelector('input') !== null);
      return isField ? '' : before.textContent;
    }
  }
  return '';
};
// What a field is called on the page: by its labels, or by what stands right before it.
const calledOf = (field) => {
  const labels = labelsOf(field);
  return labels.length > 0 ? labels : tidy([textBefore(field)]);
};

const isBefore = (one, field) =>
  (one.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
// What leads to the fields says nothing of what they are for, and the name of a field is none that
// is all that a smaller heading says right before it.
const INTRODUCES = /^(please )?(enter|use|using|with|to continue)\b/;
const NAMES_FIELD = /^(user( ?(name|id))?|e-?mail( address)?|login|[a-z]+ (id|number))$/;
const isName = (line) => NAMES_FIELD.test(bare(line)) || isPasswordLine(line) ||
  isOneOf(line, USERNAME_PHRASES);
const isHeading = (one, fields) => text(one) !== '' && !INTRODUCES.test(lowered(text(one))) &&
  (one.matches(SELECTORS.heading) || !isName(text(one)) ||
    !fields.some((field) => tidy([textBefore(field)]).includes(tidy([text(one)])[0])));
const headingsIn = (root) => find(root, SELECTORS.anyHeading).filter(shown);
// Where nothing is a heading by its element: what is drawn as one, a text that is larger than what
// the page says otherwise.
const LARGER = 1.25;
const MOST_LOOKED_AT = 500;
const drawnHeading = (field) => {
  const size = (one) => parseFloat(getComputedStyle(one).fontSize);
  const isText = (one) => [...one.childNodes]
    .some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
  return find(document, SELECTORS.textual).slice(0, MOST_LOOKED_AT)
    .filter((one) => isBefore(one, field) && isText(one) && shown(one))
    .findLast((one) => size(one) >= LARGER * size(document.body) && !holds(one, field));
};
// The last heading before a field, which is the nearest.
const headingAbove = (field) => text(headingsIn(document)
  .findLast((one) => isBefore(one, field) && isHeading(one, [field])) ?? drawnHeading(field));
const headingIn = (root) =>
  text(headingsIn(root).find((heading) => isHeading(heading, fieldsIn(root).filter(shown))));
const only = (found) => (found.length === 1 ? found[0] : undefined);
// What a button is called: the value of a `button` is none of its words. As it is written, where
// its style makes capitals of that.
const wordsOf = (button) => {
  const words = button instanceof HTMLInputElement
    ? button.value || button.alt
    : button && (text(button) || button.getAttribute('aria-label'));
  const written = plainly(button?.textContent ?? '').replace(/\s+/g, ' ');
  return lowered(written) === lowered(words ?? '') ? written : plainly(words ?? '');
};
const saysSo = (button) => signsIn(wordsOf(button)) || leadsOn(wordsOf(button));
const ownerOf = (button) => button.form ?? button.closest('form');
// The button of a form, which may be disabled until something is typed. Of several it is the one
// that says that it signs in, or the one below the fields that goes on, since what stands above
// them goes on with something else, such as another language; in other languages the only one below
// the fields, since another may be there to reset the password. A form without one may have it
// outside of any form; its fields may be outside of it as well.
const buttonsIn = (root, form) => {
  const seen = (selector) => find(form ? document : root, selector)
    .filter((button) => shown(button) && !isCutOff(button));
  const own = (selector) =>
    seen(selector).filter((button) => form === null || ownerOf(button) === form);
  const submits = own(SELECTORS.submit);
  const last = fieldsIn(form ?? root).findLast(shown);
  const isBelow = (button) => last && isBefore(last, button);
  const stray = () => only(seen(`${SELECTORS.submit}, ${SELECTORS.scriptedSubmit}`)
    .filter((button) => ownerOf(button) === null && saysSo(button)));
  const candidates = submits.filter((button) => !isForSomethingElse(button));
  const likely = candidates.filter(isBelow);
  const found = [
    candidates.filter((button) => signsIn(wordsOf(button))),
    likely.filter((button) => leadsOn(wordsOf(button))),
    submits.filter((button) => button.matches(SELECTORS.save)).slice(0, 1),
    likely,
  ].find((buttons) => buttons.length > 0);
  return found ?? [submits.find(isBelow) ?? submits[0] ??
    own(SELECTORS.scriptedSubmit).find(saysSo) ?? stray()].filter(Boolean);
};
const buttonIn = (root, form) => only(buttonsIn(root, form));

const PASSWORD = /^((enter|type) )?((your|the|okta|current) )*password$/i;
const PASSWORD_NAME = /^pass(word|wd)?$/i;
// The same in part of a name, as makers of pages write it.
const NAMES_PASSWORD = /pass(?!code|port|key)|pwd|kennwort|^pw$/i;
const VERIFY_PASSWORD = /^(verify with your password|(verify|confirm) (it's you|your identity))$/i;
const USERNAME = new RegExp('\\b(user|user ?name|user ?id|e-?mail|e-?mail address|login|logon|' +
  'account|identifier|(employee|staff|network|windows|member|student) (id|number))\\b|@', 'i');
const NAMES_USER = /user|log[io]n|e-?mail|identif|account|^uid$/i;

const isPasswordLine = (line) => PASSWORD.test(line) || isOneOf(line, PASSWORD_PHRASES);
const tellsOfPassword = (line) => /pass/i.test(line) ||
  PASSWORD_PHRASES.some((phrase) => lowered(line).includes(phrase));
const tellsOfUser = (line) => USERNAME.test(line) || hasOneOf(line, USERNAME_PHRASES);

// Whether a heading tells nothing of what a form is for: there is none, it greets, or it is a part
// of the title, such as the name of the company, and what else is in that says that it signs in; or
// the server is called so.
const isMute = (line) => {
  const words = lowered(line);
  const others = lowered(document.title).split(words);
  const isOfCompany = others.length > 1 &&
    others.flatMap((part) => part.split(/[|:·•–—]| - /)).some(signsIn);
  // All that the title says too: one word is the name of somebody.
  const isName = words === lowered(document.title) && !words.includes(' ');
  const isOfServer = location.hostname.split('.').includes(words.replaceAll(' ', ''));
  return words === '' || greets(line) || isOfCompany || isName || isOfServer;
};

// Whether a form says that it signs in: by its button, or by what stands above it where the button
// only goes on. The heading of the page is that of its only form, unless that has one of its own,
// and its title where the heading tells nothing. A form with the standard's name of the password of
// somebody who has an account may say more on its button, and nothing above it. A name alone is
// asked for to send news or a link as well, by a button that says the same.
const saysSignIn = ({ root, form, username, password }, isOnly, isMarked) => {
  const words = wordsOf(buttonIn(root, form));
  const own = headingIn(root) || text(find(root, 'legend').find(shown));
  const isOfPage = isOnly && (own === '' || own === heading());
  const above = isOfPage || own === '' ? headingAbove(username ?? password) : own;
  if (!password && !(isMute(above) || tellsOfSigningIn(above) || tellsOfUser(above))) {
    return false;
  }
  if (signsIn(words) || (isMarked && endsBySigningIn(words))) {
    return true;
  }
  const isMuteOrDrawn = isMute(above) || headingsIn(document).length === 0;
  const titles = [above, ...(isOfPage && isMuteOrDrawn ? [document.title] : [])];
  return leadsOn(words) && (titles.some(tellsOfSigningIn) || (isMarked && isMute(above)));
};
// Whether a form that asks for the name alone says that it sends something, or that it does without
// a password.
const sendsSomething = (root, form) => isForSomethingElse(buttonIn(root, form)) ||
  tellsOfPassword(heading()) || SENDS_LINK.test(cut(`${heading()} ${text(root)}`, MOST.text));

// Whether the labels of a field call it a password, and nothing else; the same of a user. What
// stands before a field may be who signs in.
const isCalledPasswordAlone = (field) => {
  const labels = labelsOf(field);
  return labels.some(isPasswordLine) && !labels.some(tellsOfUser);
};
const isCalledUserAlone = (field) => {
  const labels = labelsOf(field);
  return labels.some(tellsOfUser) && !labels.some(tellsOfPassword);
};

// The view of the widget's second generation says in its class what it asks for; the third puts the
// user's name, out of sight, into the form that asks for the password; Classic has ids of its own.
const isOktaPassword = (field, fields) => {
  // A brand may call it as it likes, but not the user.
  if (isCalledUserAlone(field)) {
    return false;
  }
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
  // A brand may call it as it likes, but not a password.
  if (isCalledPasswordAlone(field)) {
    return false;
  }
  if (field.id === 'okta-signin-username') {
    return true;
  }
  const view = field.closest('.siw-main-view');
  // Only the first page has no way back to it: those to reset or unlock have one.
  return field.name === 'identifier' &&
    (view ? view.matches('.primary-auth') : find(root, SELECTORS.back).length === 0);
};

// The part of the page that is Okta's; null: it is on its way; undefined: there is none.
const widget = () => {
  const places = find(document, SELECTORS.widget).filter(isOktas);
  const isInnermost = (place) => !places.some((other) => other !== place && holds(place, other));
  const coming = document.querySelector(SELECTORS.widgetScript) ? null : undefined;
  return places.find(isInnermost) ?? coming;
};

// A place that is called like it and holds a form of another make is none.
const isOktas = (place) => fieldsIn(place).length === 0 ||
  place.matches(SELECTORS.drawn) || find(place, SELECTORS.drawn).length > 0;

// What is to be typed into the widget, and whether it shows another form than one to sign in with.
const oktaForm = (root) => {
  const fields = fieldsIn(root);
  const seen = fields.filter(visible);
  const isPassword = (field) => field.type === 'password' && isOktaPassword(field, fields);
  const passwords = seen.filter(isPassword);
  const usernames = seen
    .filter((field) => field.type !== 'password' && isOktaUsername(field, root));
  const code = seen.find((field) => field.matches(SELECTORS.code));
  const proof = seen.some((field) =>
    field.matches(SELECTORS.proof) && !isPassword(field) && !isCalledUserAlone(field));
  if (fields.some((field) => isNew(field) && shown(field))) {
    return { key: seen[0] };
  }
  if (passwords.length > 1 || usernames.length > 1 || passwords.length + usernames.length === 0) {
    return { root, code, proof, key: seen[0] };
  }
  return { root, username: usernames[0], password: passwords[0] };
};

const SENDS_LINK = new RegExp('\\b(send|e-?mail|text) you\\b|\\bmagic[- ]link\\b|' +
  '\\b(with|by|via|using) (a|an|your) (e-?mail )?(link|code)\\b|\\bpasswordless\\b', 'i');
// A button that sends a link or a code, or signs in by something else than what is typed.
const SENDS = /\b(e-?mail|link|codes?|send|sms|text me|call|passkey|with|via|using)\b/i;
const isForSomethingElse = (button) => {
  const words = tidy([wordsOf(button), button?.getAttribute('aria-label'), button?.title]);
  return words.some((line) => SENDS.test(line) && !/\bpassword\b/i.test(line));
};

// A field that shows what is typed, for a password by what it is called, or by what stands in it
// until it has the focus.
const showsPassword = (field) => field.type !== 'password' &&
  (PASSWORD_NAME.test(field.name) || autocomplete(field).includes('current-password') ||
    [...labelsOf(field), field.value].some(isPasswordLine));

// Whether a field in dots is for a password: it is called so, or it is named so and called nothing
// else that is known. One that nothing names is for whatever its maker had in mind.
const OTHER_SECRET = /\b(passcode|code|token|answer|hint)\b/i;
const isPasswordField = (field) => {
  const called = calledOf(field);
  if (called.some((line) => OTHER_SECRET.test(line) || FOR_ONCE.test(line))) {
    return false;
  }
  const isMarked = autocomplete(field).includes('current-password');
  const isCalled = called.some((line) => isPasswordLine(line) || hasOneOf(line, PASSWORD_PHRASES));
  // What it is called says more than what it is named.
  const isNamed = namesOf(field).length === 0 &&
    [field.name, field.id].some((name) => NAMES_PASSWORD.test(name));
  return isCalled || ((isMarked || isNamed) && !isCalledUserAlone(field));
};

// The same for a field that shows what is typed: it is for the user's name.
const isUsernameField = (field) => {
  const called = calledOf(field);
  const isCalled = called.some(tellsOfUser);
  const isNamed = field.matches(SELECTORS.username) ||
    [field.name, field.id].some((name) => NAMES_USER.test(name));
  return isCalled || (isNamed && !isCalledPasswordAlone(field));
};

// Whether there is a captcha that has not solved itself.
const hasCaptcha = (root) => find(root, SELECTORS.captcha)
  .some((box) => shown(box) && !find(box, SELECTORS.solution).some(({ value }) => value));

// Whether a form is not sent without something in it, or wants something to be chosen.
const isMissing = (field, form) => field.form === form && (
  (field.required && !field.validity.valid) ||
  (field.matches('select') && field.value === '' && shown(field)));

// Whether something stands before a password that can be typed into as well, and is no field of the
// user's name that is known: what is typed there says whose password it is.
const hasOtherField = (password, form) => find(document, SELECTORS.otherField).some((field) => {
  const owner = field instanceof HTMLInputElement ? field.form : field.closest('form');
  const isTyped = !(field instanceof HTMLInputElement) ||
    !['hidden', 'submit', 'button', 'image', 'reset', 'checkbox', 'radio', 'password']
      .includes(field.type);
  const isOfPage = form === null && field.type === 'search';
  return isTyped && owner === form && !isOfPage && isBefore(field, password) && visible(field);
});

// The same for a form of another make: a user name and one password, or one of them at a time.
const otherForm = (form, inputs, isOnly) => {
  const root = form ?? document.body;
  const own = fieldsIn(document).filter((field) => field.form === form);
  const passwords = inputs.filter((field) => field.type === 'password');
  const texts = inputs.filter((field) => ['text', 'email', 'tel'].includes(field.type));
  // One that takes the user's name in dots is none for the password.
  const isName = (field) => field.matches(SELECTORS.username);
  // One that something covers is none that is still to come.
  const isCovered = own.some((field) => field.type === 'password' && covered(field));
  const isNoPassword = (field) => isName(field) || !isPasswordField(field);
  const isUnclear = buttonsIn(root, form).length > 1;
  if (passwords.length > 1 || passwords.some(isNoPassword) || own.some(isNew) || isCovered ||
      isUnclear) {
    return undefined;
  }
  const [password] = passwords;
  const before = texts
    .filter((field) => password && field.type === 'text' && isBefore(field, password));
  // The standard's name of the password of somebody who has an account, in whatever language.
  const isMarked = password !== undefined && autocomplete(password).includes('current-password');
  const named = texts
    .filter((field) => field.matches(SELECTORS.username) && isUsernameField(field));
  const username = only(named.length > 0 ? named : before.filter(isUsernameField));
  const asksForMore = find(document, 'input, select, textarea')
    .some((field) => isMissing(field, form) && ![username, password].includes(field));
  // What is to be typed below them, such as what a picture shows, is asked for with them.
  const lowest = password ?? username;
  const isBelow = (field) => lowest && field.value === '' && field !== username &&
    isBefore(lowest, field);
  if (asksForMore || hasCaptcha(root) || texts.some(isBelow) || texts.some(showsPassword) ||
      (before.length > 0 && !username)) {
    return undefined;
  }
  if (password && !username) {
    const isNamed = own.some((field) => autocomplete(field).includes('username'));
    const words = [...calledOf(password), headingIn(root)];
    const isCalled = words.some((line) => isPasswordLine(line) || VERIFY_PASSWORD.test(line));
    // Where one of several users is to be chosen, it may be the password of any of them.
    const isOfOne = find(document, 'select, input[type="radio"]').every((one) => one.form !== form);
    const isAlone = !hasOtherField(password, form);
    const button = buttonIn(root, form);
    const isSignIn = saysSo(button) || endsBySigningIn(wordsOf(button));
    return isSignIn && isAlone && (isNamed || (isCalled && isOfOne))
      ? { root, form, password } : undefined;
  }
  const code = texts.find((field) => field.matches(SELECTORS.code));
  if (code && !password) {
    return { root, form, code };
  }
  // What sends the name alone may send its user something.
  const isSent = !password && sendsSomething(root, form);
  const found = { root, form, username, password };
  return username && !isSent && saysSignIn(found, isOnly, isMarked) ? found : undefined;
};

// A form that asks for this code and for nothing else, and says that it goes on with it.
const formOf = (code) => {
  const form = code?.form ?? null;
  const root = form ?? document.body;
  const isAlone = code !== undefined && visible(code) &&
    only(fieldsIn(document).filter((field) => field.form === form && shown(field))) === code;
  return isAlone && saysSo(buttonIn(root, form)) ? { root, form, code } : {};
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
  return isLoaded() && since >= milliseconds;
};

// What a proxy on the way says in the place of a server, as no server does itself (RFC 6585 section
// 6), and what is no page of HTML: nothing is to be typed into either.
const NETWORK_ASKS = 511;
const isOfTheOrg = () => document.contentType.includes('html') &&
  status() !== NETWORK_ASKS;

// The one form to sign in with. `settling`: there may be one in a moment; `astray`: the widget
// shows one that is for something else.
const signIn = () => {
  roots = openTrees();
  // Of a page with more fields than are looked at, nobody knows what else would be sent.
  if (!isOfTheOrg() || fieldsIn(document).length === MOST.fields) {
    return {};
  }
  const root = widget();
  if (root) {
    const found = oktaForm(root);
    const field = found.username ?? found.password ?? found.code;
    const isAstray = !field && !found.proof && found.key !== undefined;
    return { ...found, form: field?.form ?? null, astray: isAstray, isOktas: true };
  }
  const asksForCode = (field) => field.matches(SELECTORS.oneTime) && !field.matches(SELECTORS.code);
  const codes = fieldsIn(document).filter((field) => asksForCode(field) && shown(field));
  if (codes.length > 0) {
    return { ...formOf(only(codes)), proof: true };
  }
  const [found, ...others] = root === undefined ? otherForms() : [];
  if (!found || others.length > 0) {
    return { several: others.length > 0 };
  }
  const field = found.username ?? found.password ?? found.code;
  return standsStill(field, STILL_MS) ? found : { settling: true };
};
