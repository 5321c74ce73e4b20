// The phone's own sheet for sharing. Where there is none, and without JavaScript, the page has the link to copy.
"use strict";
const sheet = document.getElementById("share-sheet");
if (sheet && navigator.share) {
  sheet.hidden = false;
  const button = sheet.querySelector("button");
  const { title, url } = button.dataset;
  // Somebody who closes the sheet again has changed their mind: that is no error.
  button.addEventListener("click", () => navigator.share({ title, url }).catch(() => {}));
}
