// The page of the client, by which the window of the org was opened: what it is told by a message
// (`response_mode=okta_post_message`) is shown in the fragment of the redirect URI, with the origin
// that the message is for. A fragment is sent to nobody.
(() => {
  const told = (data, target) => {
    const named = Object(target) === target ? target.targetOrigin : target;
    const fields = new URLSearchParams(Object.entries(Object(data)));
    location.replace(`${redirectUri}#${mark}=${encodeURIComponent(named)}&${fields}`);
  };
  const client = { closed: false, postMessage: told };
  if (window === window.top && location.origin !== new URL(redirectUri).origin) {
    Object.defineProperty(window, 'opener', { value: client });
    Object.defineProperty(window, 'parent', { value: client });
  }
})();
