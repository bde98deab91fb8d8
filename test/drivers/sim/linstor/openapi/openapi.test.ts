import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plannedRequest, protectedTwin, runToEnd, startPlanned } from '../../../../twin/protected-group.ts';
import { coveragePage, isServed, worldAnswers } from './coverage.ts';
import { type Answered, DescribedApi } from './described-api.ts';
import { linstorDescription } from './linstor-description.ts';
import { recordedAnswers } from './recorded-answers.ts';
import { answersDuring } from './replayed-answers.ts';

const description = linstorDescription();
const page = join(import.meta.dirname, '../../../../../docs/linstor-coverage.md');

/**
 * What the real LINSTOR was recorded to do so often without describing it that a departure of this kind needs no recording of
 * its own: failures with these statuses, and one object of a list by its name.
 */
const habit = /: status (401|404|500)$|^GET \S+\/\{name\}$/;

if (description !== undefined) {
  describe('answers, held against LINSTOR’s API description', () => judgedBy(new DescribedApi(description)));
} else if (process.env['CI'] !== undefined) {
  test('LIKENESS_DATA names a folder with linstor/linstor-rest-v1-openapi.yaml', () => {
    expect.fail('it does not: export it, so that answers can be held against LINSTOR’s API description');
  });
} else {
  test.skip('answers, held against LINSTOR’s API description: LIKENESS_DATA names no folder that has it');
}

function judgedBy(api: DescribedApi): void {
  const recorded = recordedAnswers();
  const world = worldAnswers(api);
  const allowed = new Set(recorded.flatMap((answer) => api.departures(answer)));

  /** Each departure that no real LINSTOR was recorded with, and the first answer that shows it. */
  function unknownDepartures(answers: readonly Answered[]): readonly string[] {
    const found = new Map<string, string>();
    for (const answer of answers) {
      const { method, path, status, text } = answer;
      for (const each of api.departures(answer))
        if (!allowed.has(each) && !habit.test(each) && !found.has(each))
          found.set(each, `${each}, in ${method} ${path} ${status} ${text.slice(0, 300)}`);
    }
    return [...found.values()];
  }

  test('they depart from it only as a real LINSTOR was recorded to', () => {
    expect(world.length).toBeGreaterThan(1000);
    expect(unknownDepartures(world)).toEqual([]);
  });

  test('so does everything that a failover asks of LINSTOR', () => {
    const twin = protectedTwin();
    const away = plannedRequest('away', 'cluster1', 'cluster2');
    startPlanned(twin, away);
    const answers = answersDuring(() => expect(runToEnd(twin, away)).toBe('Succeeded'));
    expect(answers.length).toBeGreaterThan(20);
    expect(unknownDepartures(answers)).toEqual([]);
  });

  test('among them is one of every described operation that the world serves', () => {
    const asked = new Set(world.map(({ method, path }) => api.operationOf(method, path)));
    const served = api.operations.filter(isServed);
    expect(
      served.filter((operation) => !asked.has(operation)),
      'linstor-tour.ts does not ask for these',
    ).toEqual([]);
  });

  test('docs/linstor-coverage.md is what it would be today: npm run linstor-coverage -- --write', () => {
    expect(readFileSync(page, 'utf8')).toBe(coveragePage(api, recorded));
  });
}
