// What ical.js makes of a calendar: each date between two instants, as a line of JSON.
// node ical.cjs <folder of ical.js> <from> <to>, and the calendar on stdin.
"use strict";
const [folder, from, to] = process.argv.slice(2);
const ICAL = require(`${folder}/dist/ical.es5.cjs`);
const text = require("node:fs").readFileSync(0, "utf8");

const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}
const events = calendar.getAllSubcomponents("vevent").map((one) => new ICAL.Event(one));
for (const master of events.filter((one) => !one.isRecurrenceException())) {
  for (const other of events) {
    if (other.isRecurrenceException() && other.uid === master.uid) master.relateException(other);
  }
}

function tell(event, start, end) {
  const begin = start.toJSDate();
  if (begin < new Date(from) || begin >= new Date(to)) return;
  console.log(JSON.stringify({
    starts: begin.toISOString(),
    minutes: (end.toJSDate() - begin) / 60000,
    title: event.summary,
  }));
}

for (const master of events.filter((one) => !one.isRecurrenceException())) {
  if (!master.isRecurring()) {
    tell(master, master.startDate, master.endDate);
    continue;
  }
  const dates = master.iterator();
  for (let next = dates.next(); next; next = dates.next()) {
    const found = master.getOccurrenceDetails(next);
    tell(found.item, found.startDate, found.endDate);
    if (next.toJSDate() > new Date(to)) break;
  }
}
