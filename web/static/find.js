// Proposes places while somebody types (ARIA's combobox: list autocomplete, manual selection), and asks the phone where
// it is once "Near me" is tapped. Without JavaScript the form does the same in one step more.
const form = document.querySelector("form[data-places]");
const field = form.elements.near, list = form.querySelector("[role=listbox]"), said = form.querySelector("[data-said]");
let waiting, running, active = -1;

const open = (is) => {
  list.hidden = !is;
  field.setAttribute("aria-expanded", is);
  if (!is) mark(-1);
};
const mark = (number) => {
  active = number;
  [...list.children].forEach((one, n) => one.setAttribute("aria-selected", n === number));
  if (number < 0) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", list.children[number].id);
  list.children[number].scrollIntoView({ block: "nearest" });
};
const forget = () => form.querySelector("input[name=place]")?.remove();
const choose = (option) => {
  field.value = option.textContent;
  forget();
  if (option.dataset.place !== "0") {
    const place = Object.assign(document.createElement("input"), { type: "hidden", name: "place", value: option.dataset.place });
    form.append(place);
  }
  said.textContent = "";
  open(false);
};
const ask = async () => {
  running?.abort();
  running = new AbortController();
  const typed = field.value.trim();
  if (typed.length < 2) return open(false);
  try {
    const answer = await fetch(`${form.dataset.places}?q=${encodeURIComponent(typed)}`, { signal: running.signal });
    if (!answer.ok) return open(false);
    const { places } = await answer.json();
    list.replaceChildren(...places.map(({ id, label }, n) => {
      const option = Object.assign(document.createElement("li"), { id: `place-${n}`, role: "option", dir: "auto", textContent: label });
      option.dataset.place = id;
      option.setAttribute("aria-selected", "false");
      return option;
    }));
    open(places.length > 0 && document.activeElement === field);
    said.textContent = list.hidden ? "" : `${said.dataset.said} ${places.length}`;
  } catch (error) {
    if (error.name !== "AbortError") open(false); // typing goes on without proposals
  }
};
const keys = {
  ArrowDown: () => (list.hidden ? ask() : mark((active + 1) % list.children.length)),
  ArrowUp: () => list.hidden || mark((active < 1 ? list.children.length : active) - 1),
  Escape: () => open(false),
  Enter: () => choose(list.children[active]),
};
field.addEventListener("keydown", (event) => {
  if (event.key === "Tab") return open(false);
  if (event.key === "Home" || event.key === "End") return mark(-1);
  if (event.altKey && event.key === "ArrowUp") return open(false);
  if (!keys[event.key] || event.isComposing) return;
  // Without a list Escape is the browser's, and what somebody typed stays.
  if ((event.key === "Enter" && active < 0) || (event.key === "Escape" && list.hidden)) return;
  event.preventDefault();
  keys[event.key]();
});
field.addEventListener("input", () => {
  forget();
  clearTimeout(waiting);
  waiting = setTimeout(ask, 150);
});
field.addEventListener("blur", () => open(false));
list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
list.addEventListener("click", (event) => event.target.role === "option" && choose(event.target));
Object.assign(field, { role: "combobox", autocomplete: "off", ariaAutoComplete: "list", ariaExpanded: "false" });
field.setAttribute("aria-controls", list.id);

const here = form.querySelector("[data-near-me]");
here.hidden = !(navigator.geolocation && window.isSecureContext);
here.addEventListener("click", () => {
  said.textContent = "";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      // About a kilometre: nobody needs to know more, and nothing more leaves the phone.
      field.value = `${coords.latitude.toFixed(2)}, ${coords.longitude.toFixed(2)}`;
      forget();
      form.requestSubmit();
    },
    () => (form.querySelector("[data-nowhere]").hidden = false),
    { maximumAge: 600000, timeout: 10000 },
  );
});
