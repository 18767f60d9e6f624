(() => {
  "use strict";
  const form = document.getElementById("filter");
  const rows = Array.from(document.querySelectorAll("[data-step]"));
  const none = document.getElementById("none");
  const value = name => form.elements[name].value;
  // A row that says its reason by another one is found by the words of that reason.
  const texts = new Map(rows.map(row => {
    const like = row.dataset.like && document.getElementById(row.dataset.like);
    return [row, (row.textContent + (like ? like.textContent : "")).toLowerCase()];
  }));
  const apply = () => {
    const words = value("text").toLowerCase().split(/\s+/).filter(word => word);
    let shown = 0;
    for (const row of rows) {
      const text = texts.get(row);
      const fits = ["step", "user", "outcome"].every(name => {
        const wanted = value(name);
        return !wanted || row.dataset[name] === wanted;
      }) && words.every(word => text.includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    const filtered = words.length > 0 || ["step", "user", "outcome"].some(value);
    for (const step of document.querySelectorAll("#checklist details")) {
      const any = step.querySelector("[data-step]:not([hidden])") !== null;
      step.hidden = filtered && !any;
      if (filtered) step.open = any;
    }
    none.hidden = !filtered || shown > 0;
  };
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      form.reset();
      apply();
    }
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    if (target) target.scrollIntoView();
  };
  // A run that looked at nothing has no checklist.
  if (form) {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", event => event.preventDefault());
  }
  window.addEventListener("hashchange", open);
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("#findings details")) part.open = true;
  });
  open();
})();
