import { parseDocument } from 'yaml';

export type YamlReading =
  | { readonly kind: 'read'; readonly value: unknown }
  /** `reason` names what is wrong without quoting the text, which may hold a secret. Lines count from 1. */
  | { readonly kind: 'malformed'; readonly line?: number; readonly reason: string };

/** Reads one YAML document. Imported on demand: most kubeconfigs are read without the parser. */
export function readYaml(text: string): YamlReading {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error === undefined) return { kind: 'read', value: document.toJS() };
  const line = error.linePos?.[0].line;
  const reason = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'unknown error';
  return { kind: 'malformed', ...(line !== undefined && { line }), reason };
}
