import type { SourceFile } from './source-file.ts';

/** Every import cycle, once, as the files in the order of the imports; type imports count, lazy ones do not. */
export function importCycles(files: readonly SourceFile[]): string[][] {
  const targets = new Map(
    files.map((file) => [file.path, file.imports.flatMap(({ target, isLazy }) => (isLazy ? [] : (target ?? [])))]),
  );
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path]);
    if (start >= 0 || finished.has(path)) return;
    trail.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    trail.pop();
    finished.add(path);
  };
  for (const { path } of files) visit(path);
  return cycles;
}
