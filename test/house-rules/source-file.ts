/** A source file as the house rules look at it. */
export interface SourceFile {
  /** From the repository's root, with `/`: `src/model/json.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments and without what stands in quotation marks; lines keep their numbers. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: `./json.ts`, `node:fs`, `xstate`. */
  readonly from: string;
  /** From the root, for a file of ours; else undefined. */
  readonly target: string | undefined;
  readonly line: number;
  readonly isReExport: boolean;
  readonly isOfTypes: boolean;
  /** `import()`: loaded when the line is reached. */
  readonly isLazy: boolean;
}

export function sourceFile(path: string, text: string): SourceFile {
  const code = blank(text, { strings: true });
  return { path, text, code, imports: importsOf(path, blank(text, { strings: false }), code) };
}

/** The number, counted from 1, of the line at an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function importsOf(path: string, withStrings: string, code: string): Import[] {
  const statements = /\b(import|export)\b[^;'"()]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*(\(?)\s*['"]([^'"]+)['"]/g;
  const isCode = ({ index }: RegExpExecArray): boolean => /^(?:im|ex)port/.test(code.slice(index, index + 6));
  return [...withStrings.matchAll(statements)].filter(isCode).map((match) => {
    const from = match[2] ?? match[4] ?? '';
    return {
      from,
      target: from.startsWith('.') ? resolve(path, from) : undefined,
      line: lineAt(withStrings, match.index),
      isReExport: match[1] === 'export',
      isOfTypes: /^(?:im|ex)port\s+type\b/.test(match[0]),
      isLazy: match[3] === '(',
    };
  });
}

function resolve(path: string, relative: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Replaces comments, and the insides of strings where asked, by spaces; line breaks stay. */
function blank(text: string, { strings }: { readonly strings: boolean }): string {
  const tokens =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=[(,=:[!&|?{};\n]\s*|return\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*|`/g;
  let result = '';
  let position = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const start = match.index;
    const end = match[0] === '`' ? endOfTemplate(text, start) : start + match[0].length;
    const token = text.slice(start, end);
    const isComment = token.startsWith('//') || token.startsWith('/*');
    result += text.slice(position, start);
    if (isComment) result += token.replace(/[^\n]/g, ' ');
    else if (!strings) result += token;
    else if (token.startsWith('`')) result += `\`${blankTemplate(token.slice(1, -1))}\``;
    else result += token.length < 2 ? token : token[0] + token.slice(1, -1).replace(/[^\n]/g, ' ') + token.at(-1);
    position = end;
    tokens.lastIndex = end;
  }
  return result + text.slice(position);
}

/** The position after the template literal that starts here; templates inside its `${…}` included. */
function endOfTemplate(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === '`') return index + 1;
    else if (text.startsWith('${', index)) index = endOfSubstitution(text, index + 2) - 1;
  }
  return text.length;
}

function endOfSubstitution(text: string, start: number): number {
  let depth = 1;
  for (let index = start; index < text.length; index++) {
    if (text[index] === '`') index = endOfTemplate(text, index) - 1;
    else if (text[index] === '{') depth++;
    else if (text[index] === '}' && --depth === 0) return index + 1;
  }
  return text.length;
}

/** Blanks the words of a template literal; the code in its `${…}` stays. */
function blankTemplate(inside: string): string {
  let result = '';
  for (let index = 0; index < inside.length; index++) {
    if (inside.startsWith('${', index)) {
      const end = endOfSubstitution(inside, index + 2);
      result += `\${${blank(inside.slice(index + 2, end - 1), { strings: true })}}`;
      index = end - 1;
    } else result += inside[index] === '\n' ? '\n' : ' ';
  }
  return result;
}
