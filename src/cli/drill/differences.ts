import type { PlayedScenario } from './messages.ts';

/** In what a run is not what its scenario expects; of one that was to end where a property breaks: that it does not. */
export function differencesOf({ scenario, report }: PlayedScenario, until?: string): readonly string[] {
  const { expect } = scenario;
  const { verdict, violations, marks } = report;
  const broken = new Set(violations.map(({ property }) => property));
  if (until !== undefined) return broken.has(until) ? [] : [`${until} is not broken`];
  return [
    ...(verdict === expect.verdict ? [] : [`the verdict is ${verdict}, not ${expect.verdict}`]),
    ...(expect.property === undefined || broken.has(expect.property) ? [] : [`${expect.property} is not broken`]),
    ...(expect.marks ?? []).filter((mark) => !marks.has(mark)).map((mark) => `"${mark}" was not reached`),
  ];
}
