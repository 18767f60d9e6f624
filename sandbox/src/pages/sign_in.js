(() => {
  "use strict";

  // What the server says by key, the page says in words of its own; the rest is shown as sent.
  const TEXTS = {
    "errors.E0000004": "Unable to sign in",
    "security.access_denied": "You do not have permission to perform the requested action",
    tooManyRequests: "Too many attempts. Try again later.",
  };
  const REVIEW = "We found some errors. Please review the form and make corrections.";
  const BLANK = "This field cannot be left blank";

  const container = document.getElementById("okta-login-container");
  let busy = false;

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function input(name, label, type, autocomplete, value) {
    const field = element("input", { id: name, name, type, autocomplete, "data-se": name });
    field.value = value || "";
    return [element("label", { for: name }, label), field];
  }

  function save(text) {
    return element("button", { type: "submit", "data-se": "save" }, text);
  }

  function link(dataSe, text, action) {
    const button = element("button", { type: "button", role: "link", "data-se": dataSe }, text);
    button.addEventListener("click", action);
    return button;
  }

  function passwords(name, label) {
    return input(name, label, "password", "new-password");
  }

  function hiddenUsername(answer) {
    const user = answer.user ? answer.user.value.identifier : "";
    const field = element("input", { id: "username", name: "username", type: "text", hidden: "" });
    field.value = user;
    return field;
  }

  function identify(form) {
    const field = form.value.find((value) => value.name === "identifier");
    const asksPassword = form.value.some((value) => value.name === "credentials");
    const secret = asksPassword
      ? input("credentials.passcode", "Password", "password", "current-password")
      : [];
    return {
      heading: "Sign In",
      parts: [
        ...input("identifier", "Username", "text", "username", field.value),
        ...secret,
        element("label", {},
          element("input", { name: "rememberMe", type: "checkbox", "data-se": "rememberMe" }),
          " Keep me signed in"),
        save(asksPassword ? "Sign in" : "Next"),
      ],
      body: (read) => ({
        identifier: read("identifier"),
        ...(asksPassword ? { credentials: { passcode: read("credentials.passcode") } } : {}),
      }),
    };
  }

  // What is asked for and seen, of a form for an authenticator.
  function visibleField(form) {
    const fields = form.value.find((value) => value.name === "credentials").form.value;
    return fields.find((field) => field.visible !== false);
  }

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/_/g, "/").replace(/-/g, "+")), (one) => one.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

  // Asks the browser as soon as the page stands, as Okta's widget does.
  async function askForPasskey(form, answer) {
    const { challengeData } = answer.currentAuthenticator.value.contextualData;
    const enrolled = (answer.authenticatorEnrollments || { value: [] }).value
      .filter(({ key }) => key === "webauthn");
    const publicKey = {
      ...challengeData,
      challenge: toBytes(challengeData.challenge),
      allowCredentials: enrolled
        .map(({ credentialId }) => ({ type: "public-key", id: toBytes(credentialId) })),
    };
    try {
      const { response } = await navigator.credentials.get({ publicKey });
      const credentials = {
        clientData: toText(response.clientDataJSON),
        authenticatorData: toText(response.authenticatorData),
        signatureData: toText(response.signature),
      };
      await send(form.href, { credentials, stateHandle: answer.stateHandle });
    } catch (error) {
      container.querySelector("form").prepend(...alerts([error.message]));
    }
  }

  function passkey(form, answer) {
    const failed = errors(answer).length > 0;
    if (!failed) setTimeout(() => askForPasskey(form, answer));
    return { heading: `Verify with ${answer.currentAuthenticator.value.displayName}`, parts: [] };
  }

  function code(form, answer) {
    const field = visibleField(form);
    if (!field) return unknown(form, answer);
    const messages = field.messages ? field.messages.value : [];
    const heading = form.name === "enroll-authenticator" ? "Set up" : "Verify with";
    return {
      heading: `${heading} ${answer.currentAuthenticator.value.displayName}`,
      parts: [
        ...input("credentials.passcode", "Enter code", "text", "off"),
        ...messages.map((message) => element("div",
          { id: "credentials.passcode-error", class: "field-error" },
          `Error:\n${message.message}`)),
        save("Verify"),
      ],
      body: (read) => ({ credentials: { passcode: read("credentials.passcode") } }),
    };
  }

  function challenge(form, answer) {
    const about = answer.currentAuthenticator || answer.currentAuthenticatorEnrollment;
    if (about.value.key === "okta_password") return password(form, answer);
    const asks = about.value.contextualData && about.value.contextualData.challengeData;
    if (about.value.key === "webauthn" && asks) {
      return passkey(form, { ...answer, currentAuthenticator: about });
    }
    return code(form, { ...answer, currentAuthenticator: about });
  }

  // The second form of an answer, if the first can be left out.
  function skip(answer, dataSe, text) {
    const form = answer.remediation.value.find((value) => value.name === "skip");
    if (!form) return [];
    return [link(dataSe, text, () => send(form.href, { stateHandle: answer.stateHandle }))];
  }

  function password(form, answer) {
    return {
      heading: "Verify with your password",
      parts: [
        hiddenUsername(answer),
        ...input("credentials.passcode", "Password", "password", "current-password"),
        save("Verify"),
      ],
      body: (read) => ({ credentials: { passcode: read("credentials.passcode") } }),
    };
  }

  function newPassword(form, answer) {
    const days = answer.currentAuthenticator.value.settings.daysToExpiry;
    return {
      heading: days === undefined
        ? "Your Okta password has expired"
        : `Your password will expire in ${days} days`,
      parts: [
        hiddenUsername(answer),
        ...passwords("credentials.passcode", "New password"),
        ...passwords("confirmPassword", "Re-enter password"),
        save("Change Password"),
        ...skip(answer, "skip", "Remind me later"),
      ],
      body: (read) => ({ credentials: { passcode: read("credentials.passcode") } }),
    };
  }

  function enrolment(form, answer) {
    const field = form.value.find((value) => value.name === "authenticator");
    const buttons = field.options.map((option) => {
      const button = element("button", {
        type: "button",
        "data-se": "authenticator-button",
        "aria-label": `Set up ${option.label}.`,
      }, `${option.label}: Set up`);
      const [id] = option.value.form.value;
      button.addEventListener("click", () => {
        send(form.href, { authenticator: { id: id.value }, stateHandle: answer.stateHandle });
      });
      return button;
    });
    const skips = skip(answer, "save", "Continue");
    skips.forEach((button) => button.setAttribute("type", "submit"));
    return { heading: "Set up security methods", parts: [...buttons, ...skips] };
  }

  function choice(form, answer) {
    const view = enrolment({ ...form }, answer);
    for (const button of view.parts) {
      const label = button.textContent.replace(": Set up", "");
      button.setAttribute("aria-label", `Select ${label}.`);
      button.textContent = `${label}: Select`;
    }
    return { ...view, heading: "Verify it's you with a security method" };
  }

  function keepMeSignedIn(form, answer) {
    const decide = (dataSe, text, kept) => link(dataSe, text, () => {
      send(form.href, { keepMeSignedIn: kept, stateHandle: answer.stateHandle });
    });
    return {
      heading: "Keep me signed in",
      parts: [
        decide("stay-signed-in-btn", "Stay signed in", true),
        decide("do-not-stay-signed-in-btn", "Don't stay signed in", false),
      ],
    };
  }

  function consent(form, answer) {
    const decide = (allowed) => () => {
      send(form.href, { consent: allowed, stateHandle: answer.stateHandle });
    };
    const allow = element("button", { type: "button", "data-se": "save" }, "Allow Access");
    allow.addEventListener("click", decide(true));
    const refuse = link("cancel", "Cancel", decide(false));
    refuse.removeAttribute("role");
    const scopes = form.scopes.map((scope) => element("li", {}, scope.label));
    return {
      heading: answer.app.value.label,
      plainHeading: true,
      parts: [element("ul", {}, ...scopes), allow, refuse],
    };
  }

  // There is time yet: it can be gone on.
  function grace(form, answer) {
    const go = link("continue", "Continue to app", () => {
      send(form.href, { stateHandle: answer.stateHandle });
    });
    go.removeAttribute("role");
    return { heading: "Device warning", parts: [go] };
  }

  // The list of other methods, where the answer has one beside what it asks for first.
  function others(remediation, answer) {
    const name = "select-authenticator-authenticate";
    const list = answer.remediation.value.find((form) => form.name === name);
    if (!list || list === remediation) return [];
    return [link("switchAuthenticator", "Verify with something else", () => {
      render({ ...answer, messages: undefined, remediation: { value: [list] } });
    })];
  }

  const FORMS = {
    consent,
    "device-assurance-grace-period": grace,
    identify,
    "challenge-authenticator": challenge,
    "enroll-authenticator": code,
    "keep-me-signed-in": keepMeSignedIn,
    "reenroll-authenticator": newPassword,
    "reenroll-authenticator-warning": newPassword,
    "select-authenticator-authenticate": choice,
    "select-authenticator-enroll": enrolment,
  };

  // What this page has no words for can be left out, if anything can.
  function unknown(form, answer) {
    const own = form.name === "skip" ? [form] : answer.remediation.value;
    // Okta's widget offers to skip a profile only where it asks for nothing that is required.
    const fields = form.name === "profile-update" ? form.value || [] : [];
    const asked = fields.flatMap((field) => (field.form ? field.form.value : []));
    if (asked.some((field) => field.required)) return { heading: form.label || form.name, parts: [] };
    const skips = skip({ ...answer, remediation: { value: own } }, "skip", "Skip");
    return { heading: form.label || form.name, parts: skips };
  }

  // Another provider is gone to, and a device that does not answer is given up.
  function leave(remediation, answer) {
    if (remediation.name.startsWith("redirect-")) {
      const goes = answer.remediation.value.length === 1;
      if (goes) window.location.assign(remediation.href);
      return goes;
    }
    const probed = remediation.name === "device-challenge-poll" && answer.authenticatorChallenge;
    if (probed) send(probed.value.cancel.href, { stateHandle: answer.stateHandle });
    return Boolean(probed);
  }

  function errors(answer) {
    const messages = answer.messages ? answer.messages.value : [];
    const refusals = messages.filter((message) => message.class === "ERROR");
    return refusals.map((message) => TEXTS[message.i18n.key] || message.message);
  }

  function alerts(texts) {
    return texts.map((text) => element("div", { "data-se": "infobox-error" },
      element("div", { "data-se": "callout", role: "alert", "aria-label": "error" }, text)));
  }

  // Says which fields are empty; nothing is sent while one is.
  function complain(form) {
    const wanted = [...form.querySelectorAll("input[data-se]:not([type=checkbox])")];
    const empty = wanted.filter((field) => field.value === "");
    form.querySelectorAll("[role=alert], .field-error").forEach((old) => old.remove());
    if (empty.length === 0) return false;
    form.prepend(element("div", { role: "alert", "aria-label": "error" }, REVIEW));
    for (const field of empty) {
      const id = `${field.name}-error`;
      field.after(element("div", { id, class: "field-error" }, `Error:\n${BLANK}`));
    }
    return true;
  }

  function onSubmit(form, remediation, view, answer) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!view.body || busy || complain(form)) return;
      const read = (name) => form.elements.namedItem(name).value;
      if (alsoTo) navigator.sendBeacon(alsoTo, JSON.stringify(view.body(read)));
      send(remediation.href, { ...view.body(read), stateHandle: answer.stateHandle });
    });
  }

  function render(answer) {
    if (answer.success) {
      window.location.assign(answer.success.href);
      return;
    }
    const texts = errors(answer);
    const remediation = answer.remediation ? answer.remediation.value[0] : null;
    if (remediation && leave(remediation, answer)) return;
    const main = element("main", { "data-se": "auth-container main-container" },
      element("h1", { role: "presentation" }));
    const form = element("form", { "data-se": "o-form", novalidate: "" });
    let title = texts[0];
    if (remediation) {
      const view = (FORMS[remediation.name] || unknown)(remediation, answer);
      title = view.heading;
      const isStart = remediation.name === "identify";
      if (answer.user && !isStart) {
        form.append(element("div", { "data-se": "identifier", class: "user" },
          answer.user.value.identifier));
      }
      const mark = view.plainHeading ? {} : { "data-se": "o-form-head" };
      form.append(element("h1", mark, view.heading));
      form.append(...alerts(texts), ...view.parts, ...others(remediation, answer));
      onSubmit(form, remediation, view, answer);
    } else {
      form.append(...alerts(texts));
    }
    const goesBack = !remediation || !["identify", "consent"].includes(remediation.name);
    if (answer.cancel && goesBack) {
      form.append(link("cancel", "Back to sign in", () => {
        send(answer.cancel.href, { stateHandle: answer.stateHandle });
      }));
    }
    main.append(form);
    document.title = `${orgName} | ${title}`;
    container.replaceChildren(main);
    const first = form.querySelector("input[data-se]");
    if (first) first.focus();
  }

  async function send(url, body) {
    busy = true;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          Accept: "application/ion+json; okta-version=1.0.0",
          "Content-Type": "application/json",
        },
        body: JSON.stringify(body),
      });
      render(await response.json());
    } finally {
      busy = false;
    }
  }

  send(`${baseUrl}/idp/idx/introspect`, { stateToken });
})();
