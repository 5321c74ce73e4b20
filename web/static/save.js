// Saves a run for the way, once somebody asks for it: then only there is a service worker (offline.js), and one cache.
"use strict";
const CACHE = "saved-run";
const NOTE = "/saved-at";
const LIFE = 24 * 60 * 60 * 1000;
const way = document.getElementById("for-the-way");
const show = (isSaved) => {
  way.hidden = false;
  for (const one of way.querySelectorAll("[data-when]")) one.hidden = (one.dataset.when === "saved") !== isSaved;
};
const savedAt = async () => {
  if (!(await caches.has(CACHE))) return null;
  const note = await (await caches.open(CACHE)).match(NOTE);
  return note ? note.json() : { at: 0, page: "" };
};
const clear = async () => {
  await caches.delete(CACHE);
  const found = await navigator.serviceWorker.getRegistration(way.dataset.scope);
  if (found) await found.unregister();
};
const save = async () => {
  const { saved, worker, scope } = way.dataset;
  await clear();
  const cache = await caches.open(CACHE);
  const styles = [...document.querySelectorAll("link[rel=stylesheet]")].map((one) => one.href);
  await cache.addAll([saved, ...styles]);
  await cache.put(NOTE, new Response(JSON.stringify({ at: Date.now(), page: location.pathname, saved })));
  await navigator.serviceWorker.register(worker, { scope });
  await navigator.serviceWorker.ready;
};
const start = async () => {
  const note = await savedAt();
  if (note && (note.at > Date.now() || Date.now() - note.at > LIFE)) await clear();
  show(Boolean(note) && note.page === location.pathname && (await caches.has(CACHE)));
  way.querySelector("[data-when=new] button").addEventListener("click", () =>
    save().then(() => show(true), () => clear().then(() => show(false))),
  );
  way.querySelector("[data-when=saved] button").addEventListener("click", () => clear().then(() => show(false)));
};
if (way && navigator.serviceWorker && window.caches) start();
