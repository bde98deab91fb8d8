import type { Exchange } from './exchange.ts';
import type { SeenReplica } from './rig.ts';

/*
 * The rig's set-up is not recorded, and not every recording shows all of it. What LINSTOR tells of its work gives it away: who
 * adjusts DRBD has a replica, who works on a volume has a disk.
 */

/** Replicas of a definition, by the first answer that speaks of them. */
export function replicasInTraces(exchanges: readonly Exchange[], definition: string): readonly SeenReplica[] {
  for (const { path, answer } of exchanges) {
    const nodes = new Set(namesIn(answer, `\\(([\\w-]+)\\) Resource '${definition}' \\[DRBD\\] adjusted`));
    if (new RegExp(`/${definition}/resource-connections$`).test(path)) {
      for (const name of namesIn(answer, '"node_[ab]": ?"([\\w-]+)"')) nodes.add(name);
    }
    if (nodes.size === 0) continue;
    const diskful = new Set(exchanges.flatMap((each) => diskfulIn(each.answer, definition)));
    return [...nodes].sort().map((node) => {
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
