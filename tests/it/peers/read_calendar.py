"""Reads a calendar from standard input, and says what it understood of it as JSON."""

import json
import sys

from icalendar import Calendar

calendar = Calendar.from_ical(sys.stdin.buffer.read())
zones = {str(zone["TZID"]): zone.to_tz() for zone in calendar.walk("VTIMEZONE")}


def moment(prop):
    """The moment in UTC, by the calendar's own zones and not by those of this machine."""
    value, zone = prop.dt, prop.params.get("TZID")
    if zone is not None:
        value = value.replace(tzinfo=None)
        value = zones[zone].localize(value) if hasattr(zones[zone], "localize") else value.replace(tzinfo=zones[zone])
    return value.timestamp()


print(json.dumps([
    {
        "uid": str(event["UID"]),
        "title": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "begins": moment(event["DTSTART"]),
        "ends": moment(event["DTEND"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "alarms": len(event.walk("VALARM")),
        "errors": event.errors,
    }
    for event in calendar.walk("VEVENT")
]))
