import type { Json } from '../../model/json.ts';

/**
 * Reads the YAML that tools write kubeconfigs in: mappings and lists over lines, plain or simply quoted scalars, comments
 * on lines of their own. Undefined for everything else, also for what is malformed: then the real parser has the word.
 * Whatever is read is what the real parser reads (a property of its test); loading and running that one takes a fifth of
 * a `pgctl get`.
 */
export function readPlainYaml(text: string): Json | undefined {
  try {
    const lines = linesOf(text);
    const value = readBlock(lines);
    return lines.length === 0 ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined;
    throw thrown;
  }
}

class NotPlain extends Error {}

interface Line {
  readonly indent: number;
  readonly content: string;
}

/** Lines that say something, last one first, so that reading takes them off the end. */
function linesOf(text: string): Line[] {
  if (/[^\n -~]/.test(text)) throw new NotPlain(); // other spaces and ends of lines have rules of their own
  const lines: Line[] = [];
  for (const line of text.split('\n')) {
    const content = line.trimStart();
    if (content !== '' && !content.startsWith('#')) lines.push({ indent: line.length - content.length, content });
  }
  return lines.toReversed();
}

function readBlock(lines: Line[]): Json {
  const first = lines.at(-1);
  if (first === undefined) throw new NotPlain();
  return isItem(first) ? readList(lines, first.indent) : readMapping(lines, first.indent);
}

function readList(lines: Line[], indent: number): Json {
  const list: Json[] = [];
  for (let line = lines.at(-1); line?.indent === indent && isItem(line); line = lines.at(-1)) {
    lines.pop();
    const content = line.content.slice(2).trimStart();
    if (/^[\w.-]+:(?: |$)/.test(content)) {
      // The item is a mapping whose first entry shares the line of the dash.
      const own = indent + line.content.length - content.length;
      lines.push({ indent: own, content });
      list.push(readMapping(lines, own));
    } else {
      list.push(scalarOf(content));
    }
  }
  return list;
}

function readMapping(lines: Line[], indent: number): Json {
  const mapping: Record<string, Json> = {};
  for (let line = lines.at(-1); line?.indent === indent && !isItem(line); line = lines.at(-1)) {
    lines.pop();
    const [, key = '', value = ''] = /^([A-Za-z][\w.-]*):(?: +(.*))?$/.exec(line.content) ?? [];
    if (typeof scalarOf(key) !== 'string' || Object.hasOwn(mapping, key)) throw new NotPlain();
    mapping[key] = value === '' ? readNested(lines, indent) : scalarOf(value);
  }
  return mapping;
}

/** What stands below a key: a list may start where the key does. */
function readNested(lines: Line[], indent: number): Json {
  const next = lines.at(-1);
  if (next === undefined || next.indent < indent || (next.indent === indent && !isItem(next))) return null;
  return readBlock(lines);
}

function isItem({ content }: Line): boolean {
  return content.startsWith('- ');
}

const words: Readonly<Record<string, Json>> = { true: true, false: false, null: null };
const quotedText = /^(?:"([^"\\]*)"|'([^']*)')$/;

function scalarOf(text: string): Json {
  if (Object.hasOwn(words, text)) return words[text] as Json;
  if (isText(text)) return text;
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (text === '{}') return {};
  if (text === '[]') return [];
  const quoted = quotedText.exec(text);
  if (quoted === null) throw new NotPlain();
  return quoted[1] ?? quoted[2] ?? '';
}

/** True for what cannot be anything but text: names, addresses, certificates, tokens of random characters. */
function isText(text: string): boolean {
  if (!/^[\w/-][\w./:+=@~%,-]*$/.test(text) || text.endsWith(':')) return false;
  if (/^-{0,2}[A-Za-z/]/.test(text)) return !Object.hasOwn(words, text.toLowerCase());
  // It may be a number or a date, unless it has a letter that neither of them ever has.
  return /[ghjklmpqrsuvwyGHJKLMPQRSUVWY]/.test(text);
}
