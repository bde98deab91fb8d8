// Writes src/lab/kube-http/protobuf/messages.json: the fields of the API's protobuf messages, read from the Go modules
// that go.mod here pins. Run it after a change of their version: `node tools/kubectl/protobuf-fields.ts`.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `number: "name:type"`; `*` before the type: repeated, `map ` : a map with text keys, `+` after it: zero is sent in JSON too. */
type Fields = Record<string, string>;

const groups = ['core', 'apps', 'authentication', 'authorization', 'autoscaling', 'batch', 'coordination', 'policy'];
const packages = [
  ...[...groups, 'rbac', 'scheduling', 'storage'].map((group) => ['k8s.io/api', `${group}/v1`] as const),
  ['k8s.io/apimachinery', 'pkg/apis/meta/v1'] as const,
];
/** Messages whose JSON form is not that of their fields; the decoder knows them. */
const special = /(?:Quantity|IntOrString|RawExtension|FieldsV1|\.Time|MicroTime|Timestamp|Verbs|ExtraValue)$/;

const messages: Record<string, Fields> = {};
for (const [module, path] of packages) readPackage(folderOf(module), path);
const target = join(import.meta.dirname, '../../src/lab/kube-http/protobuf/messages.json');
const lines = Object.entries(messages).map(([name, fields]) => `${JSON.stringify(name)}: ${JSON.stringify(fields)}`);
writeFileSync(target, `{\n${lines.toSorted().join(',\n')}\n}\n`);

function folderOf(module: string): string {
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  return execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', module], options).trim();
}

function readPackage(module: string, path: string): void {
  const folder = join(module, path);
  const proto = readFileSync(join(folder, 'generated.proto'), 'utf8').replace(/\/\/.*$/gm, '');
  const packageName = /^package (.+);/m.exec(proto)?.[1] ?? '';
  const structs = structsIn(folder);
  for (const [, message = '', body = ''] of proto.matchAll(/^message (\w+) \{([^}]*)\}/gm)) {
    const name = `${packageName}.${message}`;
    if (special.test(name)) continue;
    const fields: Fields = {};
    for (const field of body.matchAll(/(optional|repeated|required)?\s*(map<string, [^>]+>|[\w.]+) (\w+) = (\d+);/g)) {
      const [, label, type = '', protoName = '', number = ''] = field;
      const inGo = structs.get(message)?.get(number);
      const repeated = label === 'repeated' ? '*' : '';
      const keepsZero = inGo?.isPointer === true ? '+' : '';
      fields[number] = `${inGo?.json ?? protoName}:${repeated}${typeOf(type, packageName)}${keepsZero}`;
    }
    messages[name] = fields;
  }
}

/** Fully qualified, so that a message is found whoever refers to it. */
function typeOf(type: string, packageName: string): string {
  const map = /^map<string, ([^>]+)>$/.exec(type);
  if (map !== null) return `map ${typeOf(map[1] ?? '', packageName)}`;
  if (type.startsWith('.')) return type.slice(1);
  return /^[A-Z]/.test(type) ? `${packageName}.${type}` : type;
}

/** JSON names by struct and protobuf number. A struct that is embedded has the empty name: its fields are its owner's. */
function structsIn(folder: string): Map<string, Map<string, { json: string; isPointer: boolean }>> {
  const structs = new Map<string, Map<string, { json: string; isPointer: boolean }>>();
  const file = join(folder, 'types.go');
  if (!existsSync(file)) return structs;
  for (const [, name = '', body = ''] of readFileSync(file, 'utf8').matchAll(
    /^type (\w+) struct \{\n([\s\S]*?)^\}/gm,
  )) {
    const fields = new Map<string, { json: string; isPointer: boolean }>();
    for (const field of body.matchAll(/^\t(?:\w+ +)?(\*?)[^`\n]*`json:"([^,"]*)[^`]*protobuf:"\w+,(\d+),[^`]*`/gm)) {
      fields.set(field[3] ?? '', { json: field[2] ?? '', isPointer: field[1] === '*' });
    }
    structs.set(name, fields);
  }
  return structs;
}
