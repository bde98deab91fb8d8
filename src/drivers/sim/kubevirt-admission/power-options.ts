import { at, isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';

/** What the body of a power subresource may say. */
export interface PowerOptions {
  readonly isDryRun: boolean;
  /** A start with its CPUs stopped. */
  readonly paused: boolean;
  /** Seconds: of a stop `gracePeriod`, of a restart `gracePeriodSeconds`. */
  readonly grace: number | undefined;
}

type GoType = 'bool' | 'int64' | '[]string' | 'map[string]string';

/** The options of each subresource as Go declares them: `StartOptions` and the like in `staging/src/kubevirt.io/api/core/v1/types.go`. */
const structs = {
  start: { name: 'StartOptions', fields: { paused: 'bool', dryRun: '[]string' } },
  stop: { name: 'StopOptions', fields: { gracePeriod: 'int64', dryRun: '[]string' } },
  restart: { name: 'RestartOptions', fields: { gracePeriodSeconds: 'int64', dryRun: '[]string' } },
  migrate: { name: 'MigrateOptions', fields: { dryRun: '[]string', addedNodeSelector: 'map[string]string' } },
} as const satisfies Record<string, { readonly name: string; readonly fields: Readonly<Record<string, GoType>> }>;

/** The options in a body; a text where the body cannot be decoded into them. Absent: no options. */
export function powerOptionsOf(action: keyof typeof structs, body: Json | undefined): PowerOptions | string {
  const options = isJsonObject(body) ? body : {};
  const { name, fields } = structs[action];
  for (const [field, type] of Object.entries(fields)) {
    const value = options[field] ?? null;
    if (value === null || fits(value, type)) continue;
    const cause = `json: cannot unmarshal ${jsonNameOf(value)} into Go struct field ${name}.${field} of type ${type}`;
    return `Can not unmarshal Request body to struct, error: ${cause}`;
  }
  return {
    isDryRun: at(options, 'dryRun', 0) === 'All',
    paused: options.paused === true,
    grace: numberIn(options, 'gracePeriod') ?? numberIn(options, 'gracePeriodSeconds'),
  };
}

function fits(value: Json, type: GoType): boolean {
  if (type === 'bool') return typeof value === 'boolean';
  if (type === 'int64') return Number.isInteger(value);
  return type === '[]string' ? Array.isArray(value) : isJsonObject(value);
}

/** How encoding/json calls a value; of a number that is no integer it gives the digits too. */
function jsonNameOf(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : typeof value;
}

function numberIn(options: JsonObject, field: string): number | undefined {
  const value = options[field];
  return typeof value === 'number' ? value : undefined;
}
