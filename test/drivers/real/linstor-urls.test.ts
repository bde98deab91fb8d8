import { expect, test } from 'vitest';
import { linstorUrls } from '../../../src/drivers/real/linstor-urls.ts';

test.each([
  ['10.0.0.1', ['http://10.0.0.1:3370']],
  ['10.0.0.1:4000', ['http://10.0.0.1:4000']],
  ['http://lin', ['http://lin:3370']],
  ['http://lin:80', ['http://lin']],
  ['https://lin', ['https://lin:3371']],
  ['https://lin:443/prefix/', ['https://lin/prefix']],
  ['linstor://lin', ['http://lin:3370']],
  ['linstor+ssl://lin', ['https://lin:3371']],
  ['[fd00::1]', ['http://[fd00::1]:3370']],
  [' a , b:1,, https://c:2 ', ['http://a:3370', 'http://b:1', 'https://c:2']],
  ['', []],
])('%s', (list, urls) => {
  expect(linstorUrls(list)).toEqual(urls);
});

test('without a scheme, TLS is taken when certificates are set', () => {
  expect(linstorUrls('lin', { secure: true })).toEqual(['https://lin:3371']);
});

test.each(['ftp://lin', 'http://', 'http://lin:port'])('%s is no address of a controller', (entry) => {
  expect(() => linstorUrls(entry, { source: 'LINSTOR_CONTROLLERS' })).toThrow(
    /LINSTOR_CONTROLLERS: ".*" is not the address/,
  );
});
