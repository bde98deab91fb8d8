import { missingParts, type PlayedDrill, unreachedBy } from './drill-document.ts';

/**
 * A drill as a JUnit report (the format of Ant's task, which CI systems show): one test case for each property, one for
 * the runs that were to come to an end, and one for each mark that a full set should have reached.
 */
export function junitText(drill: PlayedDrill): string {
  const { seed, seconds, counts } = drill;
  const cases = [...propertyCases(drill), runsCase(drill), ...unreachedBy(drill).map(unreachedCase)];
  const count = (tag: string): number => cases.filter((each) => each.includes(`<${tag} `)).length;
  const name = `pgctl drill, seed ${seed}`;
  const sums = `tests="${cases.length}" failures="${count('failure')}" skipped="${count('skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite ${attribute('name', name)} ${sums} errors="0" time="${seconds.toFixed(3)}">`,
    `  <properties>${property('runs', String(counts.runs))}${property('digest', counts.digest)}</properties>`,
    ...cases.map((each) => `  ${each}`),
    '</testsuite>',
    '',
  ].join('\n');
}

function propertyCases({ counts, files }: PlayedDrill): readonly string[] {
  return Object.entries(counts.properties).map(([id, { pass, fail }]) => {
    if (fail === 0 && pass === 0)
      return testCase(id, `<skipped ${attribute('message', 'no run had anything to judge')}/>`);
    if (fail === 0) return testCase(id);
    const first = counts.failures.find(({ violation }) => violation.property === id);
    const replay = first === undefined ? undefined : files.get(first.run);
    const detail = [first?.violation.what ?? '', ...(replay === undefined ? [] : [`again: pgctl replay ${replay}`])];
    return testCase(
      id,
      `<failure ${attribute('message', `broken in ${fail} runs`)}>${escaped(detail.join('\n'))}</failure>`,
    );
  });
}

function runsCase(drill: PlayedDrill): string {
  const { runs, unknown } = drill.counts;
  const missing = missingParts(drill);
  const why = [
    ...(unknown > 0 ? [`${unknown} of ${runs} runs were cut off`] : []),
    ...(missing.length > 0 ? [`parts ${missing.join(', ')} of ${drill.shard.count} are missing`] : []),
  ];
  return testCase(
    'every run comes to an end',
    why.length === 0 ? '' : `<skipped ${attribute('message', why.join('; '))}/>`,
  );
}

function unreachedCase(mark: string): string {
  return testCase(`reached: ${mark}`, `<failure ${attribute('message', 'never reached')}/>`);
}

function testCase(name: string, content = ''): string {
  const start = `<testcase classname="drill" ${attribute('name', name)}`;
  return content === '' ? `${start}/>` : `${start}>${content}</testcase>`;
}

function property(name: string, value: string): string {
  return `<property ${attribute('name', name)} ${attribute('value', value)}/>`;
}

function attribute(name: string, value: string): string {
  return `${name}="${escaped(value)}"`;
}

// Beside markup: control characters, which XML 1.0 has no way to write.
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
