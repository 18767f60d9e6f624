// ---- When to look again ----

// Whether the page counts down to something that is near: by a number in it that has just become
// smaller by one.
const COUNTS_MS = 2500;
const isCounting = () => performance.now() - (window.oktaE2eCounted ?? -Infinity) < COUNTS_MS;
const numbers = new WeakMap();
const noteNumber = ({ target }) => {
  const element = target instanceof Element ? target : target.parentElement;
  const digits = /^\D{0,80}(\d{1,3})\D{0,80}$/.exec(element?.textContent ?? '');
  const number = digits ? Number(digits[1]) : undefined;
  if (number !== undefined && number <= SOON_S && (numbers.get(element) ?? -1) === number + 1) {
    window.oktaE2eCounted = performance.now();
  }
  numbers.set(element, number);
};

// Whether the page has changed since the last look, by what the browser tells of its document;
// what it tells nothing of (shadow trees, styles, addresses) is seen when the time is up.
const changes = () => {
  if (!window.oktaE2eChanges) {
    const found = { any: true, tell: () => {} };
    const note = () => { found.any = true; found.tell(); };
    new MutationObserver((records) => { records.forEach(noteNumber); note(); }).observe(document, {
      subtree: true, childList: true, attributes: true, characterData: true,
    });
    document.addEventListener('readystatechange', note);
    window.oktaE2eChanges = found;
  }
  return window.oktaE2eChanges;
};

// Looks as soon as the page has changed, and after so many milliseconds in any case.
const watch = async (longest) => {
  const changed = changes();
  if (!changed.any) {
    await new Promise((done) => {
      changed.tell = done;
      setTimeout(done, longest);
    });
  }
  changed.any = false;
  return look();
};

// ---- What can be asked for ----

const ACTIONS = {
  visit, forget, look, watch, fill, submit, taken, click, choose, shows, drawn, mask,
};
return ACTIONS[action](detail);
