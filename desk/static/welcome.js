/*
 * Takes the secret of a one-time link from behind the `#`, which browsers send to nobody, and goes
 * on with it. It is taken out of the address too, so that it does not stay in the history.
 */

const secret = location.hash.slice(1);
if (secret) {
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("link");
  form.elements.token.value = secret;
  form.requestSubmit();
}
