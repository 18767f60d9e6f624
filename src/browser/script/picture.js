// ---- A picture that shows nothing that was typed ----

// Attributes that are drawn.
const DRAWN = ['value', 'placeholder', 'alt', 'label'];
const isDrawn = (box) =>
  box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;

// The page, the shadow trees in it, and the frames that may be looked into, each with its own.
const trees = (root) => {
  const inside = [...root.querySelectorAll('*')]
    .map((element) => element.shadowRoot ?? element.contentDocument)
    .filter((tree) => tree?.nodeType !== undefined);
  return [root, ...inside.flatMap(trees)];
};

const textsIn = (tree) => {
  const texts = [];
  const walker = tree.ownerDocument ?? tree;
  const nodes = walker.createTreeWalker(tree, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      const set = (text) => { node.data = text; };
      texts.push({ get: () => node.data, set, within: node.parentElement });
      continue;
    }
    const names = DRAWN.filter((name) => typeof node[name] === 'string' && node[name] !== '');
    // A password is drawn as dots.
    for (const name of names.filter((one) => node.type !== 'password' || one !== 'value')) {
      texts.push({ get: () => node[name], set: (text) => { node[name] = text; }, within: node });
    }
  }
  const isSeen = ({ get, within }) =>
    get().trim() !== '' && within && isDrawn(within.getBoundingClientRect());
  return texts.filter(isSeen);
};

// What is drawn, text by text; nothing where that is too much to look through.
const drawn = () => {
  const texts = trees(document).flatMap(textsIn);
  window.oktaE2eDrawn = texts;
  const found = texts.map(({ get }) => get());
  const characters = found.reduce((sum, text) => sum + text.length, 0);
  return characters > MOST.drawn ? null : found.map((text) => cut(text, MOST.drawn));
};

// Puts other texts in the place of some, and hides what cannot be looked into.
const mask = (masks) => {
  masks.forEach(([number, text]) => window.oktaE2eDrawn[number].set(text));
  const frames = trees(document)
    .flatMap((tree) => [...tree.querySelectorAll('iframe, frame, object, embed')]);
  const closed = frames.filter((frame) => !frame.contentDocument);
  closed.forEach((frame) => frame.style.setProperty('visibility', 'hidden', 'important'));
  return true;
};
