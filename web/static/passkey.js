// Lets the browser make or use a passkey, and sends its answer in the page's own form. Without it there are other ways.
const able = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
const answer = async (form) => {
  const asked = await fetch(form.dataset.options, { method: "POST" });
  if (!asked.ok) throw new Error(asked.status);
  const options = await asked.json();
  const made =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(made.toJSON());
};
const send = async (event) => {
  event.preventDefault();
  const form = event.target;
  form.querySelector("[role=status]").hidden = true;
  try {
    form.elements.answer.value = await answer(form);
    form.submit();
  } catch {
    form.querySelector("[role=status]").hidden = false;
  }
};
if (able) {
  document.querySelectorAll("[data-no-passkey]").forEach((one) => (one.hidden = true));
  document.querySelectorAll("[data-passkey-part]").forEach((one) => (one.hidden = false));
  document.querySelectorAll("form[data-passkey]").forEach((one) => one.addEventListener("submit", send));
}
