import { type Instant, instantOf } from '../../../model/instant.ts';
import type { Json } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { PrinterColumn } from '../../../drivers/sim/api-server/served-resource.ts';
import { ageOf } from './age.ts';
import { standardColumn } from './columns.ts';
import { valuesAt } from './json-path.ts';
import type { Column, Printer } from './printer.ts';

// Columns and cells as k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor/tableconvertor.go makes them.

const ageOnly: readonly PrinterColumn[] = [
  {
    name: 'Age',
    type: 'date',
    jsonPath: '.metadata.creationTimestamp',
    description: standardColumn('Age').description,
  },
];

/** Columns of a custom resource: its name, then those that its CRD declares, or its age when there are none. */
export function customColumns(declared: readonly PrinterColumn[]): readonly Column[] {
  return [standardColumn('Name'), ...orAge(declared).map(columnOf)];
}

/** Cells for `customColumns` of the same declaration. */
export function customPrinter(declared: readonly PrinterColumn[]): Printer {
  const columns = orAge(declared);
  return { cells: (object, now) => [object.metadata.name, ...columns.map((column) => cellOf(column, object, now))] };
}

function orAge(declared: readonly PrinterColumn[]): readonly PrinterColumn[] {
  return declared.length === 0 ? ageOnly : declared;
}

function columnOf({ name, type, jsonPath, format = '', description, priority = 0 }: PrinterColumn): Column {
  const words = description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description: words, priority };
}

function cellOf({ type, jsonPath }: PrinterColumn, object: KubeObject, now: Instant): Json {
  const value = valuesAt(jsonPath, object as unknown as Json)[0];
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' && instantOf(value) !== undefined ? ageOf(value, now) : '<invalid>';
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}
