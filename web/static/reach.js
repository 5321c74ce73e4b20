// Ask again how far a change has come, less and less often, for ten minutes. Without JavaScript "Look again" does it.
const ends = Date.now() + 10 * 60 * 1000;
let pause = 1500;
const again = () => {
  if (Date.now() < ends) setTimeout(ask, pause);
  pause = Math.min(pause * 1.5, 30000);
};
const look = async (address) => {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#reach");
};
const ask = async () => {
  const line = document.querySelector("#reach[data-wait]");
  if (!line) return;
  if (document.hidden) return again();
  const fresh = await look(line.dataset.wait).catch(() => null);
  if (fresh) {
    line.replaceChildren(...fresh.childNodes);
    if (!fresh.hasAttribute("data-wait")) line.removeAttribute("data-wait");
  }
  again();
};
setTimeout(ask, 700);
