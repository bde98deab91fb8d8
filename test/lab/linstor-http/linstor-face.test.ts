import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LinstorFace } from '../../../src/lab/linstor-http/linstor-face.ts';
import { LinstorServer } from '../../../src/lab/linstor-http/linstor-server.ts';
import { LinstorLab } from '../../drivers/sim/linstor/linstor-lab.ts';

const lab = new LinstorLab();
const faults: unknown[] = [];
let server: LinstorServer;
let isReachable = true;

beforeAll(async () => {
  server = await LinstorServer.open();
  const face = new LinstorFace({
    answer: (request) => lab.linstor.request(request),
    speed: 100,
    onFault: (cause) => faults.push(cause),
  });
  server.serve(face, () => isReachable);
});
afterAll(() => server.close());

function ask(path: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, { signal: AbortSignal.timeout(5000), ...options });
}

describe('LINSTOR over HTTP', () => {
  test('answers in JSON, with codes to their last bit', async () => {
    const answer = await ask('/v1/nodes/nosuch');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/json']);
    expect(await answer.text()).toContain('"ret_code":-4611686018427387604,');
  });

  test('takes a repeated query parameter as several values, and names with escapes', async () => {
    const answer = await ask('/v1/nodes?nodes=pri-a&nodes=dr-a&props=Aux%2Fsite');
    expect(((await answer.json()) as { name: string }[]).map(({ name }) => name)).toEqual(['dr-a', 'pri-a']);
  });

  test('what is no JSON is plain text, and what has no body has no type', async () => {
    const page = await ask('/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/plain']);
    const health = await ask('/health');
    expect([health.status, health.headers.get('content-type'), await health.text()]).toEqual([200, null, '']);
  });

  test('HEAD sends nothing, OPTIONS tells the methods', async () => {
    const head = await ask('/v1/nodes', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await ask('/v1/nodes', { method: 'OPTIONS' });
    expect([options.headers.get('content-type'), await options.text()]).toEqual([
      'text/plain',
      'HEAD, POST, GET, OPTIONS',
    ]);
  });

  test.each([
    ['no JSON', '{"resource_definition": ', 'application/json', 400, 'Unexpected end-of-input'],
    ['nothing', '', 'application/json', 400, 'No content to map due to end-of-input'],
    ['a field that there is not', '{"name": "vm"}', 'application/json', 400, 'Unrecognized field'],
    ['another type', '{}', 'application/yaml', 500, 'HTTP 415 Unsupported Media Type'],
  ])('a body that is %s is refused in the words of LINSTOR', async (_what, body, type, status, words) => {
    const headers = { 'Content-Type': type };
    const answer = await ask('/v1/resource-definitions', { method: 'POST', body, headers });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(words);
  });

  test('a silent satellite makes a read wait, as much faster as the world runs', async () => {
    lab.linstor.satelliteLost('dr-a');
    const began = performance.now();
    const answer = await ask('/v1/view/resources?nodes=dr-a');
    expect(answer.status).toBe(200);
    lab.define('vm', 'pri-a', 'dr-a');
    const waiting = await ask('/v1/view/resources');
    expect(waiting.status).toBe(500);
    expect(performance.now() - began).toBeGreaterThan(60);
    lab.linstor.satelliteBack('dr-a');
  });

  test('once tokens are asked for, who brings none is told how', async () => {
    const body = '{"description": "tests", "no_https": true}';
    const made = await ask('/v1/controller/auth/initialize-token-auth', {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json' },
    });
    const [{ obj_refs: refs }] = (await made.json()) as [{ obj_refs: { token: string } }];
    const refused = await ask('/v1/nodes');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="linstor-controller"',
    ]);
    const headers = { Authorization: `Bearer ${refs.token}` };
    expect((await ask('/v1/nodes', { headers })).status).toBe(200);
    expect((await ask('/v1/nodes')).status).toBe(401);
    expect((await ask('/health')).status).toBe(200);
  });

  test('a site that is not reachable leaves a request without an answer', async () => {
    isReachable = false;
    await expect(ask('/health', { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
    isReachable = true;
    expect(faults).toEqual([]);
  });
});
