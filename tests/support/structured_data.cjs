// What structured-data-testing-tool makes of a page: its failed tests, and the schemas that it found.
// node structured_data.cjs <folder of the tool>, and the page on stdin.
"use strict";
const [folder] = process.argv.slice(2);
const { structuredDataTest } = require(folder);
const { Google, Facebook } = require(`${folder}/presets`);
const page = require("node:fs").readFileSync(0, "utf8");

// What search engines ask of an event. The tool's own presets know none.
const EVENT = ["name", "startDate", "endDate", "eventStatus", "eventAttendanceMode", "location.name", "location.address",
  "organizer.name", "organizer.url", "description", "image", "url"]
  .map((name) => ({ test: `Event[*].${name}`, type: "jsonld", group: "Event", description: `must have ${name}` }));

function tell(found) {
  const failed = [...found.failed, ...found.warnings].map((one) => `${one.group}: ${one.description || one.test}`);
  console.log(JSON.stringify({ failed, schemas: found.schemas, data: found.structuredData.jsonld }));
}

// Not its preset for Twitter, which wants the words of OpenGraph again under names of its own.
// It rejects a page with failed tests, and gives what it found with the error.
structuredDataTest(page, { presets: [Google, Facebook], tests: page.includes('"Event"') ? EVENT : [] }).then(tell, (error) => tell(error.res));
