import type { Exchange } from './exchange.ts';
import type { SeenReplica } from './rig-parts.ts';
import { jsonOf } from './exchange.ts';
import { isObject } from '../difference.ts';

/*
 * The rig's set-up is not recorded, and not every recording shows all of it. What LINSTOR tells of its work gives it away: who
 * adjusts DRBD has a replica, who works on a volume has a disk.
 */

/** Replicas of a definition, by the first answer that speaks of them. */
export function replicasInTraces(exchanges: readonly Exchange[], definition: string): readonly SeenReplica[] {
  for (const [index, { path, answer }] of exchanges.entries()) {
    const found = new Set(namesIn(answer, `\\(([\\w-]+)\\) Resource '${definition}' \\[DRBD\\] adjusted`));
    if (new RegExp(`/${definition}/resource-connections$`).test(path)) {
      for (const name of namesIn(answer, '"node_[ab]": ?"([\\w-]+)"')) found.add(name);
    }
    const nodes = [...found].filter((node) => !isReplicaMade(exchanges.slice(0, index + 1), definition, node));
    if (nodes.length === 0) continue;
    const diskful = new Set(exchanges.flatMap((each) => diskfulIn(each.answer, definition)));
    return nodes.sort().map((node) => {
      const isDiskful = diskful.size === 0 || diskful.has(node);
      const pool = isDiskful ? 'pool' : 'DfltDisklessStorPool';
      return { node, kind: isDiskful ? 'diskful' : 'tiebreaker', pool, properties: { StorPoolName: pool } };
    });
  }
  return [];
}

/** Definitions that an answer speaks of, with the place of the exchange. */
export function definitionsInTraces(exchanges: readonly Exchange[]): readonly { name: string; index: number }[] {
  return exchanges.flatMap(({ answer }, index) =>
    namesIn(answer, "Resource '([\\w-]+)' \\[DRBD\\]").map((name) => ({ name, index })),
  );
}

/** Definitions that a request has made, by what LINSTOR said. */
export function definitionsMade(exchanges: readonly Exchange[]): Map<string, number> {
  const made = new Map<string, number>();
  exchanges.forEach(({ answer }, index) => {
    const said = [
      ...namesIn(answer, "New resource definition '([^']+)' created"),
      ...namesIn(answer, "[Rr]esource definition '([^']+)' restored"),
    ];
    for (const name of said) if (!made.has(name)) made.set(name, index);
  });
  return made;
}

/** True where one of the exchanges has made the replica. */
export function isReplicaMade(exchanges: readonly Exchange[], definition: string, node: string): boolean {
  const said = [
    `New resource '${definition}' on node '${node}' registered`,
    `Tie breaker resource '${definition}' created on ${node}`,
    `Created resource '${definition}' on '${node}'`,
  ];
  return exchanges.some(({ answer }) => said.some((text) => answer.includes(text)));
}

/**
 * Definitions that no request deletes and that a later answer proves gone, which lists all of them or all on a node: with the last
 * exchange before it that speaks of them.
 */
export function vanished(exchanges: readonly Exchange[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const gone = new Map<string, number>();
  exchanges.forEach((exchange, index) => {
    const listed = listedIn(exchange);
    for (const [name, seen] of last) {
      const isDeleted = exchanges.some(
        ({ method, path }) => method === 'DELETE' && path.toLowerCase().endsWith(`/resource-definitions/${name}`),
      );
      if (listed !== undefined && !listed.has(name) && !isDeleted && !gone.has(name)) gone.set(name, seen);
    }
    for (const name of definitionsNamed(exchange)) last.set(name, index);
  });
  return gone;
}

/** Every definition there is, where an answer lists them. */
function listedIn({ method, path, answer }: Exchange): ReadonlySet<string> | undefined {
  if (method === 'GET' && /^\/v1\/resource-definitions(\?with_volume_definitions=\w+)?$/.test(path)) {
    const list = jsonOf(answer);
    return Array.isArray(list)
      ? new Set(list.map((each) => String(isObject(each) ? each.name : '').toLowerCase()))
      : undefined;
  }
  return answer.includes('Node changes applied.') && path.startsWith('/v1/nodes/')
    ? new Set(namesIn(answer, "Resource '([\\w-]+)' \\[DRBD\\]").map((name) => name.toLowerCase()))
    : undefined;
}

function definitionsNamed({ path, answer }: Exchange): readonly string[] {
  const names = [
    ...namesIn(path, '/resource-definitions/([\\w-]+)'),
    ...namesIn(path, '[?&]resources=([\\w-]+)'),
    ...namesIn(answer, "[Rr]esource(?: definition)? '([\\w-]+)'"),
    ...namesIn(answer, '"RscDfn": ?"([\\w-]+)"'),
  ];
  return names.map((name) => name.toLowerCase()).filter((name) => name !== 'properties');
}

/** Nodes that a request names, and that LINSTOR does not call unknown. */
export function nodesAsked(exchanges: readonly Exchange[], known: ReadonlySet<string>): readonly string[] {
  return exchanges.flatMap(({ path, answer, status }) => {
    const named = path.split(/[/?&=]/).filter((part) => known.has(part));
    return named.filter((name) => status !== 404 || !answer.includes(`'${name}' not found`));
  });
}

function diskfulIn(answer: string, definition: string): readonly string[] {
  return namesIn(answer, `\\(([\\w-]+)\\) Volume number \\d+ of resource '${definition}'`);
}

function namesIn(text: string, pattern: string): readonly string[] {
  return [...new Set([...text.matchAll(new RegExp(pattern, 'g'))].map(([, name = '']) => name))];
}
