import { expect, test } from 'vitest';
import { legacyFirmwareUuid, nameUuid } from '../../../src/model/definition-copy/legacy-firmware.ts';

test('a name-based UUID is the one of RFC 9562, appendix A.4', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  expect(nameUuid(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test.each([
  ['testvm', '5a9fc181-957e-5c32-9e5a-2de5e9673531'],
  ['prod-vm-1', '45e72b50-a4fd-5376-b973-4d34a679c990'],
])('the firmware UUID of %s is the one that KubeVirt derives from the name', (name, uuid) => {
  expect(legacyFirmwareUuid(name)).toBe(uuid);
});
