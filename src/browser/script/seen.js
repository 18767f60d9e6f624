// ---- What a person can see and type into ----

// Whether a page is there, a frame or a picture that never comes left aside.
const isLoaded = () => {
  const ready = performance.getEntriesByType('navigation')[0]?.domContentLoadedEventEnd ?? 0;
  return document.readyState === 'complete' ||
    (ready > 0 && performance.now() - ready >= STRAGGLE_MS);
};

const MIN_SIZE_PX = 8;
const MIN_OPACITY = 0.1;

const parents = (element) => {
  const found = [];
  for (let at = element; at; at = parentOf(at)) {
    found.push(at);
  }
  return found.filter((one) => one instanceof Element);
};
const opacity = (element) => parents(element).map((parent) => getComputedStyle(parent))
  .reduce((product, { opacity: own, filter }) =>
    product * Number(own) * Number(/\bopacity\(([\d.]+)\)/.exec(filter)?.[1] ?? 1), 1);

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
  const hit = field.getRootNode().elementFromPoint(x, y);
  return hit !== null && (hit === field || isNameOver(hit, field) ||
    [...(field.labels ?? [])].some((label) => label.contains(hit)));
};
// Whether this is no more than the name of a field that is drawn over it: words that can be neither
// followed nor pressed, in the place of the field alone, with nothing else in that.
const isNameOver = (hit, field) => {
  const [box, place] = [hit, field].map((one) => one.getBoundingClientRect());
  const isInside = box.left >= place.left - 1 && box.right <= place.right + 1 &&
    box.top >= place.top - 1 && box.bottom <= place.bottom + 1;
  const words = text(hit);
  return isInside && words !== '' && words.length <= MOST.name &&
    parentOf(hit) === parentOf(field) && find(parentOf(hit), 'input').length === 1 &&
    hit.closest(SELECTORS.control) === null && find(hit, '*').length === 0;
};
// Whether its middle is out of view, where one can scroll to: a field may be half in view.
const isBelowOrBeside = (field) => {
  const [x, y] = middle(field);
  return y >= innerHeight || x >= innerWidth ||
    (y < 0 && y + scrollY > 0) || (x < 0 && x + scrollX > 0);
};

// The part of the page that cuts a field off, because its middle is outside of it.
const clipOf = (field) => {
  const [x, y] = middle(field);
  return parents(field).slice(1).find((part) => {
    const box = part.getBoundingClientRect();
    const isOutside = x < box.left || x > box.right || y < box.top || y > box.bottom;
    return isOutside && part !== document.documentElement && part !== document.body &&
      getComputedStyle(part).overflow !== 'visible';
  });
};
const canScroll = (part) => /auto|scroll/.test(getComputedStyle(part).overflowY) &&
  part.scrollHeight > part.clientHeight;

// Whether nobody can see it, where it is cut off and cannot be scrolled to.
const isCutOff = (element) => {
  const clip = clipOf(element);
  return clip !== undefined && !canScroll(clip);
};

// Whether it can be scrolled to from behind what stays where it is, such as a bar at the edge.
const isBehindABar = (field) => {
  const page = document.scrollingElement ?? document.documentElement;
  const [x, y] = middle(field);
  const target = scrollY + y - innerHeight / 2;
  const hit = field.getRootNode().elementFromPoint(x, y);
  const stays = (part) => ['fixed', 'sticky'].includes(getComputedStyle(part).position);
  const bar = hit && parents(hit).find((part) => stays(part) && !holds(part, field));
  return bar !== undefined && bar !== null &&
    target >= 0 && target <= page.scrollHeight - innerHeight &&
    !holds(bar, document.elementFromPoint(x, innerHeight / 2));
};

// A field that nobody can type into shows what is in it; one that is empty may wait for the focus.
const isFixed = (field) => field.readOnly && field.value !== '';

const isDrawnToBeSeen = (field) => {
  const box = field.getBoundingClientRect();
  return usable(field) && !isFixed(field) &&
    !parents(field).some((parent) => parent.matches('[aria-hidden="true"]')) &&
    box.width >= MIN_SIZE_PX && box.height >= MIN_SIZE_PX && opacity(field) >= MIN_OPACITY;
};
// Where it is out of view, a person scrolls to it.
const canBeReached = (field) => {
  const clip = clipOf(field);
  return clip ? canScroll(clip)
    : reachable(field) || isBelowOrBeside(field) || isBehindABar(field);
};
const visible = (field) => isDrawnToBeSeen(field) && canBeReached(field);

// Whether a person would see it, if nothing were in front of it.
const covered = (field) => {
  const [x, y] = middle(field);
  const isInView = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
  return isInView && isDrawnToBeSeen(field) && !reachable(field) && !clipOf(field) &&
    !isBehindABar(field);
};

// What is in front of a field: the largest part of the page that it is not in itself; nothing where
// the page has closed it to clicks.
const coverOf = (field) => {
  const hit = field.getRootNode().elementFromPoint(...middle(field));
  return hit ? parents(hit).filter((part) => !holds(part, field)).at(-1) : undefined;
};
// Whether a field is closed for now: nobody can do anything about that, so the page may.
const isClosedForNow = (field) => {
  const cover = covered(field) ? coverOf(field) : undefined;
  const canBeDismissed = cover !== undefined &&
    (cover.matches(SELECTORS.control) || find(cover, SELECTORS.control).length > 0);
  return shown(field) && (field.matches(':disabled') || covered(field)) && !canBeDismissed;
};

const isTextLike = (field) =>
  ['text', 'email', 'tel', 'password', 'number', 'search', 'url'].includes(field.type);
// Of very many, those count that are seen.
const fieldsIn = (root) => {
  const fields = find(root, 'input').filter(isTextLike);
  return fields.length < MOST.fields ? fields : fields.filter(shown).slice(0, MOST.fields);
};
