import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Json } from '../../../src/model/json.ts';

const script = join(import.meta.dirname, 'client.py');
const installer = join(import.meta.dirname, '../../../tools/linstor-client/install.sh');

/** LINBIT's Python client, connected to a LINSTOR: lines of Python go in, what the client made of the answers comes out. */
export class PythonClient {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /** Installs the client first where it is not. Throws, saying what is needed, where it cannot be installed. */
  constructor(url: string) {
    const folder = execFileSync('sh', [installer], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
    const env = { ...process.env, PYTHONPATH: folder };
    this.#child = spawn('python3', [script, url], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What a Python expression comes to; of a parsed object all its properties. Throws what the client raised, `Kind: text`. */
  async value(expression: string): Promise<Json> {
    this.#child.stdin.write(`${expression}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the Python client has ended: see above');
    const said = JSON.parse(line.value) as { value: Json } | { raised: string; text: string };
    if ('raised' in said) throw new Error(`${said.raised}: ${said.text}`);
    return said.value;
  }

  /** The text that a Python expression comes to. */
  async text(expression: string): Promise<string> {
    const value = await this.value(expression);
    if (typeof value === 'string') return value;
    throw new Error(`no text, but ${JSON.stringify(value)}: ${expression}`);
  }

  /** Messages of a change, `SUCC New resource group 'a' created.`; what satellites tell of their work, `(node) …`, left out. */
  async said(call: string): Promise<readonly string[]> {
    const replies = (await this.value(`said(lin.${call})`)) as readonly string[];
    return replies.filter((reply) => !/^\w+ \(/.test(reply));
  }

  end(): void {
    this.#child.kill();
  }
}
