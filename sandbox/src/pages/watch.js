// Reports what is typed and clicked, before anything comes of it: at once, so that no report is
// late for who asks.
(() => {
  "use strict";
  const report = (what) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/sandbox/events", false);
    request.send(JSON.stringify(what));
  };
  addEventListener("input", ({ target }) => {
    report({ kind: "typed", field: target.name || target.id || "", text: target.value ?? "" });
  }, true);
  // What does something when it is clicked: the widget clicks containers and fields by itself.
  const CONTROLS = "a, button, [role=button], input[type=submit], input[type=button], " +
    "input[type=checkbox], input[type=radio]";
  addEventListener("click", ({ target }) => {
    const control = target.closest(CONTROLS);
    if (!control) return;
    const mark = ["data-se", "data-type", "id"].map((name) => control.getAttribute(name));
    const text = control.innerText || control.value || control.tagName;
    report({ kind: "clicked", control: mark.find(Boolean) ?? text });
  }, true);
})();
