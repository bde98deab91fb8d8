import { Ajv, type ErrorObject } from 'ajv';
import type { Scenario } from './scenario.ts';
import { scenarioSchema } from './scenario-schema.ts';

/** A scenario, or what is wrong with the document: one sentence a problem, each naming its place. */
export type ParsedScenario =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

const validate = new Ajv({ allErrors: true, discriminator: true, strict: true, strictRequired: false }).compile(
  scenarioSchema,
);

/** Reads a scenario from the document of its file. */
export function parseScenario(document: unknown): ParsedScenario {
  if (validate(document)) return { kind: 'scenario', scenario: document as unknown as Scenario };
  return { kind: 'problems', problems: [...new Set((validate.errors ?? []).map(sentenceOf))] };
}

function sentenceOf({ instancePath, message = 'is wrong', keyword, params }: ErrorObject): string {
  const place = instancePath === '' ? 'the file' : instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'additionalProperties')
    return `${place} has a field "${params.additionalProperty}" that means nothing here`;
  if (keyword === 'enum') return `${place} ${message}: ${(params.allowedValues as readonly unknown[]).join(', ')}`;
  return `${place} ${message}`;
}
