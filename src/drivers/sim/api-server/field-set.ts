/**
 * A set of field paths in the form that `managedFields` stores (FieldsV1): `{"f:spec":{"f:replicas":{}}}`.
 * A node that is empty or has the entry `.` is itself in the set; `k:{…}` and `v:…` name list items.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export const noFields: FieldSet = {};

/** Both sets together. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB) ?? noFields;
}

/** What is in the first set only. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB) ?? noFields;
}

/** What is in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB) ?? noFields;
}

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether a node of a set is itself a member. */
export function isMember(node: FieldSet | undefined): boolean {
  return node !== undefined && (isEmptySet(node) || node['.'] !== undefined);
}

/** A node that is a member or not, with these children; undefined when nothing is left of it. */
export function nodeOf(member: boolean, children: Record<string, FieldSet>): FieldSet | undefined {
  if (isEmptySet(children)) return member ? noFields : undefined;
  return member ? { '.': noFields, ...children } : children;
}

/** Every path of the set as conflicts are told: `.spec.containers[name="a"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  const paths: string[] = [];
  for (const element of Object.keys(set).toSorted()) {
    if (element === '.') continue;
    const node = set[element] as FieldSet;
    const path = `${prefix}${elementText(element)}`;
    if (isMember(node)) paths.push(path);
    paths.push(...pathsOf(node, path));
  }
  return paths;
}

function elementText(element: string): string {
  const content = element.slice(2);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('v:')) return `[=${content}]`;
  const keys = JSON.parse(content) as Readonly<Record<string, unknown>>;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

type Choice = (inA: boolean, inB: boolean) => boolean;

function combine(a: FieldSet, b: FieldSet, choose: Choice): FieldSet | undefined {
  const children = combineChildren(a, b, choose);
  return isEmptySet(children) ? undefined : children;
}

function combineChildren(a: FieldSet | undefined, b: FieldSet | undefined, choose: Choice): Record<string, FieldSet> {
  const children: Record<string, FieldSet> = {};
  for (const element of new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])) {
    if (element === '.') continue;
    const nodeA = a?.[element];
    const nodeB = b?.[element];
    const node = nodeOf(choose(isMember(nodeA), isMember(nodeB)), combineChildren(nodeA, nodeB, choose));
    if (node !== undefined) children[element] = node;
  }
  return children;
}
