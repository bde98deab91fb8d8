import { expect, test } from 'vitest';
import { completeLock } from '../../tools/complete-lockfile.ts';

const tool = {
  version: '2.0.0',
  dev: true,
  optionalDependencies: { '@tool/linux-x64-musl': '2.0.0', '@tool/darwin-arm64': '2.0.0' },
};

test('a platform that a registry mirror does not carry gets its entry', () => {
  const { lock, added } = completeLock({ packages: { 'node_modules/tool': tool } });
  expect(added).toEqual(['node_modules/@tool/linux-x64-musl', 'node_modules/@tool/darwin-arm64']);
  expect(lock.packages['node_modules/@tool/linux-x64-musl']).toEqual({
    version: '2.0.0',
    dev: true,
    optional: true,
    os: ['linux'],
    cpu: ['x64'],
    libc: ['musl'],
  });
});

test('an entry that is there stays as it is', () => {
  const present = { version: '2.0.0', integrity: 'sha512-x' };
  const packages = { 'node_modules/@tool/darwin-arm64': present, 'node_modules/tool': tool };
  expect(completeLock({ packages }).lock.packages['node_modules/@tool/darwin-arm64']).toBe(present);
});

test('an optional dependency that is no platform package is left to npm', () => {
  const packages = { 'node_modules/tool': { version: '1.0.0', optionalDependencies: { 'left-alone': '1.0.0' } } };
  expect(completeLock({ packages }).added).toEqual([]);
});
