import { LinstorLab } from '../linstor-lab.ts';
import { type Answered, type DescribedApi, nameOf, type Operation } from './described-api.ts';
import { linstorTour } from './linstor-tour.ts';
import { type RecordedAnswer, recordedAnswers } from './recorded-answers.ts';
import { replayedAnswers } from './replayed-answers.ts';

/** Names for the parameters of a path, of things that are there. */
const known: Readonly<Record<string, string>> = {
  node: 'pri-a',
  node_a: 'pri-a',
  node_b: 'dr-a',
  netinterface: 'default',
  storagepool: 'pool',
  resource: 'vm',
  resource_group: 'DfltRscGrp',
  volume_number: '0',
  key: 'Aux',
};

/** Whether the world serves an operation: asked of things that are there, it answers otherwise than for an unknown path. */
export function isServed({ method, path }: Operation): boolean {
  const lab = new LinstorLab();
  lab.define('vm', 'pri-a', 'dr-a');
  const target = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => known[name] ?? 'x');
  const answer = lab.send(method, target, {});
  // The words of this path may be taken for the names of two nodes.
  if (path.endsWith('/properties/info')) return answer.status === 200;
  return !saysUnknown.test(answer.text());
}

/** What the world answers in the tour and to recorded requests, but for those to described operations that it does not serve. */
export function worldAnswers(api: DescribedApi): readonly Answered[] {
  return [...linstorTour(), ...replayedAnswers()].filter(
    ({ method, path, text }) => !saysUnknown.test(text) || api.operationOf(method, path) === undefined,
  );
}

const saysUnknown = /^\[\{"ret_code":-\d+,"message":"(Path|Method) '/;

/** docs/linstor-coverage.md: what of LINSTOR's described API the world serves, and where LINSTOR departs from it. */
export function coveragePage(api: DescribedApi, recorded: readonly RecordedAnswer[] = recordedAnswers()): string {
  const askers = askersOf(api, recorded);
  const served = api.operations.filter(isServed);
  const others = api.operations.filter((operation) => !served.includes(operation));
  return `# LINSTOR's API: what the world serves

Written by \`npm run linstor-coverage -- --write\` from LINSTOR's public OpenAPI description (REST 1.28.0) and held true by
\`test/drivers/sim/linstor/openapi/openapi.test.ts\`, which also holds the world's answers against the description: operation,
status, and each field of the body, none besides. Both read it below the folder that \`LIKENESS_DATA\` names.

## Served: ${served.length} of ${api.operations.length} described operations

${tableByPath(served)}

## Answered as a path or method that LINSTOR does not know: ${others.length}

Asked for in recordings of linstor-csi or of LINBIT's Python client:

${askedTable(others, askers)}

Asked for by neither:

${listByArea(others.filter((operation) => !askers.has(operation)))}

## Where LINSTOR itself departs from its description

Measured on ${recorded.length} recorded answers of the real controller, which are held against the description as strictly as the
world's. The world departs from it only where one of these does, and with the statuses 401, 404 and 500, which LINSTOR
has for whoever is not let in and whatever is missing or wrong, and describes for few operations. (\`no object\`: a failure is described as one message and answered as
a list of them. \`{name}\`: one object of a described list, asked for by its name.)

${departureTable(api, recorded)}
`;
}

function tableByPath(operations: readonly Operation[]): string {
  const rows = [...Map.groupBy(operations, ({ path }) => path)].map(
    ([path, methods]) => `| \`${path}\` | ${methods.map(({ method }) => method).join(', ')} |`,
  );
  return ['| path | methods |', '|---|---|', ...rows].join('\n');
}

function askedTable(operations: readonly Operation[], askers: ReadonlyMap<Operation, ReadonlySet<string>>): string {
  const rows = operations.flatMap((operation) => {
    const names = askers.get(operation);
    return names === undefined ? [] : [`| \`${nameOf(operation)}\` | ${[...names].sort().join(', ')} |`];
  });
  return ['| operation | asked for by |', '|---|---|', ...rows].join('\n');
}

/** The programs that were recorded to ask for each operation. */
function askersOf(api: DescribedApi, recorded: readonly RecordedAnswer[]): ReadonlyMap<Operation, ReadonlySet<string>> {
  const askers = new Map<Operation, Set<string>>();
  for (const { asker, method, path } of recorded) {
    const operation = asker === 'the recorder' ? undefined : api.operationOf(method, path);
    if (operation !== undefined) askers.set(operation, (askers.get(operation) ?? new Set()).add(asker));
  }
  return askers;
}

function listByArea(operations: readonly Operation[]): string {
  const area = ({ path }: Operation): string => path.split('/').slice(0, 3).join('/');
  return [...Map.groupBy(operations, area)]
    .map(([prefix, inArea]) => {
      const texts = inArea.map(({ method, path }) => `${method} ${path.slice(prefix.length)}`.trim());
      return `- \`${prefix}\`: ${texts.map((text) => `\`${text}\``).join(', ')}`;
    })
    .join('\n');
}

function departureTable(api: DescribedApi, recorded: readonly RecordedAnswer[]): string {
  const found = recorded.flatMap((answer) => api.departures(answer));
  const [operations, others] = [new Map<string, number>(), new Map<string, number>()];
  const statuses = new Map<string, Set<string>>();
  for (const each of found) {
    const [, operation = '', status = ''] = /^(.*): status (\d+)$/.exec(each) ?? [];
    if (status !== '') statuses.set(status, (statuses.get(status) ?? new Set()).add(operation));
    else count(/^[A-Z]+ [^:]*$/.test(each) ? operations : others, each);
  }
  const rows = [...others].sort(byName).map(([each, times]) => `| \`${each}\` | ${times} |`);
  return [
    '| in the body, or unknown at all | answers |',
    '|---|---|',
    ...rows,
    '',
    ...[...statuses].sort(byName).map(([status, of]) => `- status ${status}, which is not described for: ${codes(of)}`),
    `- operations that are not described: ${codes(operations.keys())}`,
  ].join('\n');
}

function count(counts: Map<string, number>, each: string): void {
  counts.set(each, (counts.get(each) ?? 0) + 1);
}

function codes(texts: Iterable<string>): string {
  return [...texts]
    .sort()
    .map((text) => `\`${text}\``)
    .join(', ');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
