// Stands in for the widget's scripts: draws the steps that the page defines in `steps`, and asks
// the server what comes after a submitted form.
const show = (name, message) => {
  document.querySelector('#widget').innerHTML = steps[name](message ?? '');
  const form = document.querySelector('form');
  if (form) {
    form.addEventListener('submit', (event) => { event.preventDefault(); answer(form); });
  }
  const go = (selector) => document.querySelector(selector)
    ?.addEventListener('click', (event) => { event.preventDefault(); answer(event.target); });
  go('[data-se="do-not-stay-signed-in-btn"]');
  go('[data-se="stay-signed-in-btn"]');
  go('[data-se="skip"]');
  go('.skip-all');
};

let username = '';

const answer = async (source) => {
  const fields = new URLSearchParams(source.tagName === 'FORM' ? new FormData(source) : {});
  username = fields.get('identifier') ?? fields.get('username') ?? username;
  const body = new URLSearchParams({
    page: new URLSearchParams(location.search).get('page'),
    step: current,
    username,
    password: fields.get('credentials.passcode') ?? fields.get('password') ?? '',
    clicked: source.dataset.se ?? source.className,
  });
  if (current === 'warning') {
    // The widget checks a field that the click takes the focus from, while the answer is under way.
    document.querySelector('[id$="-error"]').textContent = 'This field cannot be left blank';
    await new Promise((later) => setTimeout(later, 300));
  }
  const next = await (await fetch('/answer', { method: 'POST', body })).json();
  if (next.href) {
    location.href = next.href + location.search;
  } else {
    current = next.step;
    show(current, next.message);
  }
};

let current = first;
show(current);
