import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/alertmanager/fingerprint.js';

// as an Alertmanager 0.25 gave them to these labels
test('it is 64-bit FNV-1a, to the last digit', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string()),
      (labels) => {
        expect(fingerprintOf(labels)).toBe(slow(labels));
      },
    ),
  );
});

/** The same by the book, with numbers of any size. */
function slow(labels: Record<string, string>): string {
  const names = Object.keys(labels)
    .filter((name) => labels[name] !== '')
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const end = Buffer.from([0xff]);
  const parts = names.flatMap((name) => [
    Buffer.from(name),
    end,
    Buffer.from(labels[name] ?? ''),
    end,
  ]);
  let sum = 0xcbf29ce484222325n;
  for (const byte of Buffer.concat(parts)) {
    sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n);
  }
  return sum.toString(16).padStart(16, '0');
}

test.each([
  [{ service: 'web', scale: 'up', alertname: 'A' }, '87b6b765c9910165'],
  [{ alertname: 'Ünï 🚨', zeta: 'ß\n"x', alpha: '', b1: '2' }, 'ce048febcc7be4df'],
])('%j has the fingerprint that Alertmanager gives to it', (labels, fingerprint) => {
  expect(fingerprintOf(labels)).toBe(fingerprint);
});
