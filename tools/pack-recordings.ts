// Takes recordings into the repository: `node tools/pack-recordings.ts FROM`, into test/recordings.
//
// Every recording that `npm run likeness` plays is stored as it is but for what no player reads, compressed (see
// test/recordings/README.md). Other files below FROM stay where they are.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { recordingsIn } from '../test/likeness/play-recordings.ts';

const root = join(import.meta.dirname, '..');
/** What `test/likeness/drbd` reads of kernel lines: when two nodes compared their data, and the first generation. */
const readKernelLine = /drbd_sync_handshake:|my exposed UUID: |Bitmap UUID for initial resync/;

if (import.meta.main) main(process.argv.slice(2));

function main([from]: readonly string[]): void {
  if (from === undefined) throw new Error('Usage: node tools/pack-recordings.ts FROM');
  let size = 0;
  for (const kind of ['drbd', 'linstor', 'csi', 'kubevirt'])
    rmSync(join(root, 'test/recordings', kind), { recursive: true, force: true });
  for (const { path } of recordingsIn(from)) {
    const target = join(root, 'test/recordings', `${path}.gz`);
    const text = withoutUnread(path, readFileSync(join(from, path), 'utf8'));
    mkdirSync(dirname(target), { recursive: true });
    const bytes = gzipSync(text, { level: 9 });
    size += bytes.length;
    writeFileSync(target, bytes);
  }
  process.stdout.write(`${size} bytes\n`);
}

/** What takes most room and is not compared. The texts of bodies stay as they were sent, every digit of them. */
function withoutUnread(path: string, text: string): string {
  if (path.startsWith('drbd/')) return scenarioOf(text);
  if (path.startsWith('linstor/')) return JSON.stringify(JSON.parse(text), answersWithoutHeaders);
  if (path.startsWith('csi/')) return JSON.stringify(JSON.parse(text), withoutHeaders);
  return text;
}

/** A scenario without the kernel lines that nobody reads. */
function scenarioOf(text: string): string {
  const { kernel, ...rest } = JSON.parse(text) as { kernel?: readonly { line: string }[] };
  return JSON.stringify({ ...rest, kernel: kernel?.filter(({ line }) => readKernelLine.test(line)) });
}

function withoutHeaders(key: string, value: unknown): unknown {
  return key === 'headers' ? undefined : value;
}

/** A request's headers decide how it is answered. */
function answersWithoutHeaders(key: string, value: unknown): unknown {
  return key === 'response' ? { ...(value as object), headers: undefined } : value;
}
