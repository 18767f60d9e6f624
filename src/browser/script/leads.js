// ---- Where a form would send what is typed ----

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
