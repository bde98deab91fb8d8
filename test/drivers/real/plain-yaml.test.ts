import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { readPlainYaml } from '../../../src/drivers/real/plain-yaml.ts';

const kubeconfig = `# written by a tool
apiVersion: v1
kind: Config
preferences: {}
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://10.0.0.1:6443
    insecure-skip-tls-verify: false
  name: one
contexts:
  - context:
      cluster: one
      user: admin@one

    name: "admin@one"
users:
- name: admin@one
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - --region
      - 'eu west'
      command: aws
      env: null
      timeout: 30
current-context: admin@one
`;

describe('readPlainYaml', () => {
  test('reads what kubectl and its like write', () => {
    const reading = readPlainYaml(kubeconfig);
    expect(reading).toEqual(parseDocument(kubeconfig).toJS());
    expect(reading).toMatchObject({ clusters: [{ cluster: { server: 'https://10.0.0.1:6443' }, name: 'one' }] });
  });

  test.each([
    ['', 'nothing'],
    ['# only a comment\n', 'no value'],
    ['a: &x b\nc: *x', 'anchors'],
    ['a: |\n  text', 'blocks of text'],
    ['a: !!str 1', 'tags'],
    ['a: {b: c}', 'flow mappings'],
    ['a: b # why', 'comments after a value'],
    ['a: b\n  c', 'text over two lines'],
    ['a: 1e3', 'numbers that are not whole'],
    ['a: 0x10', 'numbers in other bases'],
    ['a: ~', 'signs with a meaning of their own'],
    ['a: True', 'truth in another case'],
    ['a: "\\n"', 'escapes'],
    ['a: b\na: c', 'a key said twice'],
    ['a: b: c', 'a mapping within a line'],
    ['a: b:', 'a colon at the end'],
    ['null: a', 'a key that is no text'],
    ['__proto__: a', 'a key that objects know'],
    ['a:\tb', 'tabs'],
    ['a:\n  b: 1\n c: 2', 'a line between two depths'],
    ['a: b\r\n', 'line ends of another system'],
    ['---\na: b', 'marks of documents'],
    ['- - a', 'lists in lists on a line'],
    ['a:\n-', 'an item without anything'],
  ])('leaves %j to the real parser: %s', (text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  test('reads tokens of random characters as text, whatever they begin with', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
    fc.assert(
      fc.property(
        fc.oneof(
          token,
          fc.tuple(fc.constantFrom('9', '-7', '_', '--', '0x1', '1e'), token).map((parts) => parts.join('')),
        ),
        (text) => {
          const reading = readPlainYaml(`token: ${text}`);
          if (/^[\w-].*k/.test(text)) expect(reading).toEqual({ token: text });
          if (reading !== undefined) expect(parseDocument(`token: ${text}`).toJS()).toEqual(reading);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('reads everything plain that is written out', () => {
    const key = fc.stringMatching(/^[a-z][a-z-]{0,8}$/).filter((text) => !['true', 'false', 'null'].includes(text));
    const scalar = fc.oneof(key, fc.nat(), fc.boolean(), fc.constant(null));
    const few = { minKeys: 1, maxKeys: 3, noNullPrototype: true };
    const mappingOf = (value: fc.Arbitrary<unknown>) => fc.dictionary(key, value, few);
    const listOf = (value: fc.Arbitrary<unknown>) => fc.array(value, { maxLength: 3 });
    const inner = fc.oneof(scalar, mappingOf(scalar), listOf(scalar));
    const outer = mappingOf(fc.oneof(inner, mappingOf(inner), listOf(fc.oneof(scalar, mappingOf(inner)))));
    fc.assert(
      fc.property(outer, (written) => {
        expect(readPlainYaml(stringify(written))).toEqual(written);
      }),
    );
  });

  test('never reads anything else than the real parser does', () => {
    const piece = fc.constantFrom(...pieces);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 25 }).map((chosen) => chosen.join('')),
          mutated(),
        ),
        (text) => {
          const reading = readPlainYaml(text);
          if (reading === undefined) return;
          const document = parseDocument(text);
          expect({ text, errors: document.errors, value: document.toJS() }).toEqual({
            text,
            errors: [],
            value: reading,
          });
        },
      ),
      { numRuns: 3000 },
    );
  });
});

// What YAML gives a meaning to, parted by the one that stands at the end.
const pieces =
  'a|b-c|:|: |- |-|\n|\n|\n  |\n    | |"|\'|#|{}|[]|true|TRUE|null|1|01|0|9k|.|~|\t|&x|*x|>|!|%|@|,|?|---|...|\r|__proto__|=|<<'
    .split('|')
    .concat('|');

/** A kubeconfig with a few characters put elsewhere. */
function mutated(): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(kubeconfig.length),
    remove: fc.nat(4),
    add: fc.constantFrom('', ' ', ':', '-', '\n', '  ', 'a', 'k', '1', '"', '.'),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((text, { at, remove, add }) => text.slice(0, at) + add + text.slice(at + remove), kubeconfig),
    );
}
