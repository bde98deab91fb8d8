import columnData from './builtin-columns.json' with { type: 'json' };
import type { Column } from './printer.ts';

/** `[name, type, format, priority]`, or the name of a standard column. */
type ColumnData = string | readonly [string, string, string, number];

const data = columnData as unknown as Readonly<Record<string, readonly ColumnData[]>>;
const standard = new Map((data[''] ?? []).map((each) => [each[0] ?? '', columnOf(each)]));

/** Columns of a built-in resource (`pods`, `deployments.apps`), as Kubernetes 1.36 sends them but for their descriptions; undefined for others. */
export function builtinColumns(groupResource: string): readonly Column[] | undefined {
  return data[groupResource]?.map((each) => (typeof each === 'string' ? standardColumn(each) : columnOf(each)));
}

/** `Name`, `Age` or `Created At`, which most tables share. */
export function standardColumn(name: string): Column {
  const column = standard.get(name);
  if (column === undefined) throw new Error(`builtin-columns.json has no standard column ${name}`);
  return column;
}

function columnOf(each: ColumnData): Column {
  const [name, type, format, priority] = each as Exclude<ColumnData, string>;
  return { name, type, format, description: '', priority };
}
