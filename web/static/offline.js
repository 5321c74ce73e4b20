// Without a network: shows the one run that was saved for the way, for 24 hours. It stores nothing itself.
"use strict";
const CACHE = "saved-run";
const NOTE = "/saved-at";
const LIFE = 24 * 60 * 60 * 1000;

const forget = async () => {
  await caches.delete(CACHE);
  await self.registration.unregister();
};
const stored = async (request) => {
  if (!(await caches.has(CACHE))) return undefined;
  const cache = await caches.open(CACHE);
  const note = await cache.match(NOTE);
  const { at, page, saved } = note ? await note.json() : { at: 0 };
  // A time to come was noted by a wrong clock, and nobody knows when it was.
  if (at > Date.now() || Date.now() - at > LIFE) return forget();
  if (request.mode !== "navigate") return cache.match(request);
  return new URL(request.url).pathname === page ? cache.match(saved) : undefined;
};
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(
    fetch(event.request).catch(async (error) => (await stored(event.request)) || Promise.reject(error)),
  );
});
