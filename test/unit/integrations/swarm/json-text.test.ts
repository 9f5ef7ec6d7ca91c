import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textAt, withValueAt } from '../../../../src/integrations/swarm/json-text.js';

describe('a value of a JSON text', () => {
  it.each([
    ['1.0', '{"a":1.0,"b":2}', ['a']],
    ['9223372036854775807', '{"a":{"b":9223372036854775807}}', ['a', 'b']],
    ['"}\\"]"', '{ "a" : [{"b":1}, "]"] , "b" : "}\\"]" }', ['b']],
    ['{"c":[]}', '{"a":{"b":{"c":[]}}}', ['a', 'b']],
    ['2', '{"a":1,"a":2}', ['a']],
    ['1', '{"\\u0061":1}', ['a']],
    ['1', '{"__proto__":1}', ['__proto__']],
    [undefined, '{"a":{"b":1}}', ['b']],
    [undefined, '{"a":[1]}', ['a', '0']],
    [undefined, '{"a":null}', ['a', 'toString']],
    [undefined, '{}', ['constructor']],
  ])('is read as it stands: %s', (expected, text, path) => {
    expect(textAt(text, path)).toBe(expected);
  });

  it.each([
    ['{"a": 1 ,"b":1.0}', ['a'], '{"a": 7 ,"b":1.0}'],
    [
      '{"2":0,"1":1e2,"a":{"b":9007199254740993}}',
      ['2'],
      '{"2":7,"1":1e2,"a":{"b":9007199254740993}}',
    ],
    ['{"a":{"x":"\\u003c"}}', ['a', 'b'], '{"a":{"b":7,"x":"\\u003c"}}'],
    ['{"a":{ }}', ['a', 'b'], '{"a":{"b":7 }}'],
  ] as const)('is set in %s, and no other byte', (text, path, expected) => {
    expect(withValueAt(text, path as readonly [string, ...string[]], 7)).toBe(expected);
  });

  it('is not set where nothing can hold it', () => {
    expect(() => withValueAt('{"a":[]}', ['a', 'b'], 7)).toThrow(RangeError);
    expect(() => withValueAt('{}', ['a', 'b'], 7)).toThrow('a.b: there is no object to hold it');
  });

  it('is the one that JSON.parse finds, and setting it changes nothing else', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), {
          minKeys: 1,
        }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        (json, outerIndex, innerIndex, isWide) => {
          const text = JSON.stringify(json, null, isWide ? 2 : 0);
          const outer = Object.keys(json)[outerIndex % Object.keys(json).length] ?? '';
          const members = json[outer] ?? {};
          const inner = Object.keys(members)[innerIndex % Object.keys(members).length] ?? '';
          const before = textAt(text, [outer, inner]) ?? '';
          expect(JSON.parse(before)).toEqual(JSON.parse(text)[outer][inner]);
          const marker = 'set by the test, and found nowhere else';
          const changed = withValueAt(text, [outer, inner], marker);
          expect(changed.replace(JSON.stringify(marker), () => before)).toBe(text);
        },
      ),
    );
  });
});
