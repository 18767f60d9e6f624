// ---- Where a form would send what is typed ----

const actionOf = getter(HTMLFormElement.prototype, 'action');

// Why nothing may be typed, or nothing. Compares by `===` alone, which no script can listen to.
const isAmong = (origin, trusted) => {
  for (let at = 0; at < trusted.length; at += 1) {
    if (trusted[at] === origin) {
      return true;
    }
  }
  return false;
};
const danger = ({ form, root }, trusted, holdsSecret, isSentAsItIs = false) => {
  const isTrusted = (origin) => isAmong(origin, trusted);
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
  // Forms that a script submits name no method; one that names GET means it, and any other does
  // that is sent without a script.
  const method = of('method')?.trim().toLowerCase();
  const isByAddress = method === 'get' || (isSentAsItIs && !['post', 'dialog'].includes(method));
  return holdsSecret && isByAddress ? { outcome: 'refused', danger: 'address', origin } : null;
};

// ---- What is kept from leaving, though the page would have it ----

const hold = (event, kind, origin) => {
  event.preventDefault();
  window.oktaE2eHeld = { danger: kind, origin };
};

// Looks at a form as it is sent, after the scripts of the page have: keeps it from that where it
// would go elsewhere, or into the address.
const holdForm = (found, trusted, holdsSecret) => {
  const look = (event) => {
    const isIt = !event.defaultPrevented && event.target === found.form;
    const refusal = isIt ? danger(found, trusted, holdsSecret, true) : null;
    if (refusal) {
      hold(event, refusal.danger, refusal.origin);
    }
  };
  addEventListener('submit', look);
  return { end: () => removeEventListener('submit', look) };
};

// Keeps the page from going to an address that has a secret in it, from posting one elsewhere, and
// from posting it again: one may send its form by itself, after the button was pressed.
const holdPage = (secrets, trusted) => {
  const isIn = (value) => secrets.some((secret) => String(value).includes(secret));
  const decoded = (address) => {
    try {
      return decodeURIComponent(address.replaceAll('+', ' '));
    } catch {
      return address;
    }
  };
  let isPosted = false;
  const look = (event) => {
    const { origin, href } = new URL(event.destination.url);
    const posts = [...(event.formData?.values() ?? [])].some(isIn);
    if (isIn(href) || isIn(decoded(href))) {
      hold(event, 'address', origin);
    } else if (posts && !isAmong(origin, trusted)) {
      hold(event, 'form', origin);
    } else if (posts && isPosted) {
      event.preventDefault();
    }
    isPosted ||= posts;
  };
  window.oktaE2eHolds?.();
  globalThis.navigation?.addEventListener('navigate', look);
  window.oktaE2eHolds = () => globalThis.navigation?.removeEventListener('navigate', look);
};
