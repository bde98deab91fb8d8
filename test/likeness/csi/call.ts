import { textAt, type Json } from '../../../src/model/json.ts';
import { isObject } from '../difference.ts';
import { type Exchange, jsonOf } from '../linstor/exchange.ts';

/** A recorded call to linstor-csi with the LINSTOR requests that it made; without a method: direct reads of LINSTOR. */
export interface Call {
  readonly name: string;
  readonly note: string;
  /** Which process took it: each has caches of its own. */
  readonly driver: string;
  readonly method: string | undefined;
  readonly args: Json;
  readonly code: string;
  readonly message: string;
  readonly value: Json;
  readonly traffic: readonly Exchange[];
  readonly seconds: number;
}

export function callsOf(recording: unknown): readonly Call[] {
  if (!Array.isArray(recording)) throw new Error('it is no list of calls');
  return (recording as readonly Json[]).map((entry, index) => {
    if (!isObject(entry) || !Array.isArray(entry.linstor)) throw new Error(`entry ${index} lacks the list \`linstor\``);
    const response = isObject(entry.response) ? entry.response : {};
    return {
      name: textAt(entry, 'name') ?? '',
      note: textAt(entry, 'note') ?? '',
      driver: textAt(entry, 'driver') ?? '',
      method: textAt(entry, 'request', 'method'),
      args: isObject(entry.request) ? (entry.request.args ?? {}) : {},
      code: textAt(response, 'code') ?? '',
      message: textAt(response, 'message') ?? '',
      value: response.value ?? null,
      traffic: (entry.linstor as readonly Json[]).map(exchangeOf),
      seconds: typeof entry.took_s === 'number' ? entry.took_s : 0,
    };
  });
}

/** The note of an answer that the recorder cut off: what is left of it tells of the rig, but cannot be compared. */
export const cutOff = 'cut off';

function exchangeOf(entry: Json): Exchange {
  const status = isObject(entry) && typeof entry.status === 'number' ? entry.status : undefined;
  const answer = textAt(entry, 'responseBody') ?? '';
  const body = textAt(entry, 'body');
  const isWhole = answer === '' || jsonOf(answer) !== undefined || !/^[[{]/.test(answer);
  return {
    name: '',
    note: isWhole ? '' : cutOff,
    method: textAt(entry, 'method') ?? 'GET',
    path: textAt(entry, 'path') ?? '/',
    body: body === '' ? undefined : body,
    status,
    answer: isWhole ? answer : wholeElements(answer),
    seconds: 0,
  };
}

/** A list that was cut off, without its last, incomplete element; of a node the properties are kept. */
function wholeElements(text: string): string {
  if (!text.startsWith('[')) return text;
  for (let end = text.lastIndexOf('},{"'); end > 0; end = text.lastIndexOf('},{"', end - 1)) {
    const cut = text.slice(0, end + 1);
    if (jsonOf(`${cut}]`) === undefined) continue;
    const [node] = /"name":"[\w-]+","type":"\w+","props":\{[^}]*\}/.exec(text.slice(end)) ?? [];
    return node === undefined ? `${cut}]` : `${cut},{${node}}]`;
  }
  return '[]';
}
