/** A point in time: whole milliseconds since the Unix epoch. Always an argument, never read from a clock in here. */
export type Instant = number;

/** A length of time in whole milliseconds. */
export type Millis = number;

export const second: Millis = 1000;
export const minute: Millis = 60 * second;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** RFC 3339 with seconds, as metav1.Time is written: `2026-01-01T00:00:00Z`. */
export function timestamp(at: Instant): string {
  return `${dateAndTime(at)}Z`;
}

/** RFC 3339 with microseconds, as metav1.MicroTime is written (Leases, Events): `2026-01-01T00:00:00.000000Z`. */
export function microTimestamp(at: Instant): string {
  return `${dateAndTime(at)}.${pad(((at % 1000) + 1000) % 1000, 3)}000Z`;
}

/** The instant of an RFC 3339 text with a `Z` or a numeric offset; undefined when it is not one. */
export function instantOf(text: string | undefined): Instant | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hours, minutes, seconds, fraction = '', zone = 'Z'] = match;
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const offset =
    zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  const wholeSeconds = days * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - offset * 60;
  return wholeSeconds * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** The second that was written last, and how: what happens at one time says so several times over. */
let lastSeconds = Number.NaN;
let lastText = '';

function dateAndTime(at: Instant): string {
  const seconds = Math.floor(at / 1000);
  if (seconds !== lastSeconds) {
    lastText = textOfSeconds(seconds);
    lastSeconds = seconds;
  }
  return lastText;
}

/** Likewise the day. */
let lastDays = Number.NaN;
let lastDate = '';

function textOfSeconds(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  if (days !== lastDays) {
    const { year, month, day } = civilFromDays(days);
    lastDate = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
    lastDays = days;
  }
  const clock = `${pad(Math.floor(rest / 3600), 2)}:${pad(Math.floor((rest % 3600) / 60), 2)}:${pad(rest % 60, 2)}`;
  return `${lastDate}T${clock}`;
}

// The proleptic Gregorian calendar in whole days; `Date` stays out of the pure part so that no clock can slip in.
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
