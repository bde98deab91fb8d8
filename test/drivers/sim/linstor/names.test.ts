import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameFault, nameFromExternal, nodeNameFault } from '../../../../src/drivers/sim/linstor/names.ts';

test.each([
  ['vm-disk_0', undefined],
  ['-bad', "Invalid name: Cannot begin with character '-'"],
  ['9 x', "Invalid name: Cannot begin with character '9'"],
  ['12345', 'Invalid name: Name must contain at least one character that matches [a-zA-Z]'],
  ['r g', "Invalid name: Cannot contain character ' '"],
  ['x'.repeat(49), 'Invalid name: Name length 49 is greater than maximum length 48'],
])('the name %j: %s', (name, fault) => {
  expect(nameFault(name)).toBe(fault);
});

test('nodes have host names', () => {
  expect([nodeNameFault('dr-a.example'), nodeNameFault('dr-a,qrm-a')]).toEqual([
    undefined,
    "Domain name cannot contain character ','",
  ]);
});

test('an external name that is one stays, others become one', () => {
  expect([nameFromExternal('pyhl'), nameFromExternal('my volume / ä')]).toEqual(['pyhl', 'my_volume___Jo']);
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
      expect(nameFromExternal(name)).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,47}$/);
    }),
  );
});
