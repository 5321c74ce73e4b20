// The chapter is asked while somebody reads this page. Look for its answer, twice. Without JavaScript the next load shows it.
const parts = ["its-when", "its-promise", "its-state", "checked", "its-move", "its-place", "its-coming", "its-instead", "its-where", "its-about", "its-dates"];
const look = async (left) => {
  const line = document.querySelector("#checked[data-asking]");
  if (!line) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.status === 410) return location.reload(); // withdrawn: another page, with another run
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of parts) {
    const old = document.getElementById(id), fresh = page.getElementById(id);
    if (old && fresh) old.className = fresh.className;
    // The promise has parts of its own in this list. What did not change is not read aloud again.
    if (old && fresh && id !== "its-promise" && old.textContent !== fresh.textContent) old.replaceChildren(...fresh.childNodes);
    old?.toggleAttribute("data-asking", fresh?.hasAttribute("data-asking") ?? false);
  }
  if (left > 1) setTimeout(look, 2500, left - 1);
};
setTimeout(look, 2500, 2);
