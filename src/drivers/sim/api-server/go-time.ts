import { instantOf, microTimestamp, timestamp } from '../../../model/instant.ts';

/**
 * A time as a server writes it back: metav1.Time in whole seconds, metav1.MicroTime with six digits, both in UTC.
 * Answers why a text is none, in the words of Go's `time.Parse`, as `problem`.
 */
export function decodeTime(text: string, isMicro: boolean): { readonly time: string } | { readonly problem: string } {
  const problem = problemOf(text, isMicro);
  if (problem !== undefined) return { problem };
  if ((isMicro ? usualMicro : usual).test(text)) return { time: text };
  const at = instantOf(text) ?? 0;
  // The digits below milliseconds are the text's own.
  return { time: isMicro ? `${microTimestamp(at).slice(0, 20)}${text.slice(20, 26)}Z` : timestamp(at) };
}

/** Whether a text is a time in the form in which a server writes it back. */
export function isCanonicalTime(text: string, isMicro: boolean): boolean {
  return (isMicro ? usualMicro : usual).test(text);
}

const date = '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d';
const usual = new RegExp(`^${date}Z$`);
const usualMicro = new RegExp(`^${date}\\.\\d{6}Z$`);

const elements = ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05'] as const;

/** The greatest value of a two-digit element, and what it is called when it is above. */
const ranges: Readonly<Record<string, readonly [least: number, most: number, name: string]>> = {
  '01': [1, 12, 'month'],
  '15': [0, 23, 'hour'],
  '04': [0, 59, 'minute'],
  '05': [0, 59, 'second'],
};

// `parse` of Go's time package, for the two layouts.
function problemOf(text: string, isMicro: boolean): string | undefined {
  const head = `parsing time ${JSON.stringify(text)}`;
  const layout = `${elements.join('')}${isMicro ? '.000000' : ''}Z07:00`;
  const cannot = (rest: string, element: string): string =>
    `${head} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`;
  let rest = text;
  for (const element of elements) {
    const given = rest.slice(0, element.length);
    if (/\d/.test(element) ? !/^\d+$/.test(given) || given.length < element.length : given !== element) {
      return cannot(rest, element);
    }
    const [least, most, name] = ranges[element] ?? [0, 9999, ''];
    if (Number(given) < least || Number(given) > most) return `${head}: ${name} out of range`;
    rest = rest.slice(element.length);
  }
  const fraction = isMicro ? /^[.,]\d{6}/.exec(rest) : /^(?:[.,]\d+)?/.exec(rest);
  if (fraction === null) return cannot(rest, '.000000');
  rest = rest.slice(fraction[0].length);
  const zone = /^(?:Z|[+-]\d\d:\d\d)/.exec(rest);
  if (zone === null) return cannot(rest, 'Z07:00');
  rest = rest.slice(zone[0].length);
  if (rest !== '') return `${head}: extra text: ${JSON.stringify(rest)}`;
  return isDayOfMonth(text) ? undefined : `${head}: day out of range`;
}

function isDayOfMonth(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day >= 1 && day <= days;
}
