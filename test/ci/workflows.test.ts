import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { entryOfWords } from '../../src/cli/command-line.ts';
import { longOf } from '../../src/cli/command.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix?: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = new URL('../../.github/workflows/', import.meta.url);

describe.each(readdirSync(folder))('the workflow %s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const { on, permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('says when it runs and may only read', () => {
    expect(on).toBeTypeOf('object');
    expect(permissions).toEqual({ contents: 'read' });
  });

  test('has jobs that end by themselves, after jobs that exist', () => {
    for (const [name, job] of Object.entries(jobs)) {
      expect(job['runs-on'], name).toBe('ubuntu-latest');
      expect(job['timeout-minutes'], name).toBeLessThanOrEqual(60);
      for (const before of [job.needs ?? []].flat()) expect(Object.keys(jobs)).toContain(before);
    }
  });

  test('has steps that do one thing each, with actions of a named release', () => {
    for (const step of steps) expect([step.uses, step.run].filter((what) => what !== undefined)).toHaveLength(1);
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
  });

  test('names only what its expressions can know', () => {
    const known = new Set(['github.run_number']);
    for (const { strategy } of Object.values(jobs))
      for (const name of Object.keys(strategy?.matrix ?? {})) known.add(`matrix.${name}`);
    const named = [...text.matchAll(/\$\{\{ *(.*?) *\}\}/g)].map(([, expression = '']) => expression);
    expect(named.filter((expression) => !known.has(expression))).toEqual([]);
  });

  test('calls pgctl with what it understands', async () => {
    const lines = steps.flatMap(({ run = '' }) => run.split('\n')).filter((line) => line.startsWith('bin/pgctl '));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const words = line
        .replaceAll(/\$\{\{.*?\}\}/g, '1')
        .replace(/ >.*/, '')
        .split(' ')
        .slice(1);
      const command = await entryOfWords(words)?.load();
      const options = Object.values(command?.args ?? {}).flatMap(({ flags }) => [longOf(flags), flags.slice(0, 2)]);
      for (const word of words.filter((each) => each.startsWith('-'))) expect(options, line).toContain(word);
    }
  });
});
