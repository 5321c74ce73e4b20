// While a change is on its way, ask again how far it has come. Without this, "Look again" does the same.
const ask = async () => {
  const line = document.querySelector("#reach[data-wait]");
  if (!line) return;
  const answer = await fetch("/lead/reach", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#reach");
  if (!fresh) return;
  line.replaceChildren(...fresh.childNodes);
  line.toggleAttribute("data-wait", fresh.hasAttribute("data-wait"));
  setTimeout(ask, 1500);
};
setTimeout(ask, 700);
