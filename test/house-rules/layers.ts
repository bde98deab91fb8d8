/** Where code may come from, by the folder it stands in. The longest matching folder counts. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'src/model': [],
  'src/machines': ['src/model'],
  'src/runtime': ['src/model', 'src/machines'],
  'src/drivers/sim': ['src/model', 'src/runtime/ports.ts', 'src/runtime/journal.ts'],
  'src/drivers/real': ['src/model', 'src/runtime/ports.ts', 'src/runtime/journal.ts'],
  'src/twin': ['src/model', 'src/machines', 'src/runtime', 'src/drivers/sim'],
  'src/drills': ['src/model', 'src/machines', 'src/runtime', 'src/drivers/sim', 'src/twin'],
  'src/lab': [
    'src/model',
    'src/machines',
    'src/runtime',
    'src/drivers/sim',
    'src/twin',
    'src/drivers/real/system-clock.ts',
  ],
  'src/controllers': ['src/model', 'src/machines', 'src/runtime', 'src/drivers/real'],
  'src/cli': ['src/model', 'src/machines', 'src/runtime', 'src/drivers/real', 'src/twin', 'src/lab', 'src/drills'],
  'src/demo': ['src/model', 'src/runtime', 'src/drivers/real', 'src/twin', 'src/lab', 'src/cli'],
};

/** Folders that run in a browser as well, deterministic and synchronous: the rest of the world is an argument. */
export const pureFolders = ['src/model', 'src/machines', 'src/runtime', 'src/drivers/sim', 'src/twin', 'src/drills'];

/** Files of a pure folder that wait for the world; they are as free of `node:` as the rest. */
export const liveFiles = /^src\/runtime\/(ports|live-host|failover-journal)\.ts$/;

/** Which folders may import a package. A package that is not listed may not be imported at all. */
export const packagePlaces: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['src/drivers/real'],
  '@marcbachmann/cel-js': ['src/drivers/sim'],
  '@peculiar/x509': ['src/lab'],
  ajv: ['src/drills'],
  commander: ['src/cli'],
  'fast-check': ['src/drills'],
  'prom-client': ['src/controllers'],
  'reflect-metadata': ['src/lab'],
  ws: ['src/drivers/real', 'src/lab'],
  xstate: ['src/machines'],
  yaml: ['src/cli', 'src/lab', 'src/drivers/real', 'src/demo'],
};

/** The folder of `folders` in which the file stands: the longest one. */
export function folderOf(path: string, folders: readonly string[]): string | undefined {
  return folders.filter((folder) => isIn(path, folder)).toSorted((a, b) => b.length - a.length)[0];
}

export function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
