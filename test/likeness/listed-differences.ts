import type { Miss } from './played.ts';

/** A row of the table of known differences: which files, and which steps of them. */
export interface ListedDifference {
  readonly files: RegExp;
  readonly rules: RegExp;
}

/**
 * The known differences of docs/fidelity.md: every table row whose first cell carries two code spans, a file pattern and a
 * rule pattern, in which `*` stands for anything: "| `linstor/*` `* /v1/files*` | …".
 */
export function listedDifferences(markdown: string): readonly ListedDifference[] {
  return [...markdown.matchAll(/^\| `([^`]+)` `([^`]+)` \|/gm)].map(([, files = '', rules = '']) => ({
    files: pattern(files),
    rules: pattern(rules),
  }));
}

export function isListed(file: string, miss: Miss, listed: readonly ListedDifference[]): boolean {
  return listed.some(({ files, rules }) => files.test(file) && rules.test(miss.rule));
}

function pattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
