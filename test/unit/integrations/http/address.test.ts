import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originFault } from '../../../../src/integrations/contract/allowed-host.js';
import {
  addressFault,
  encodePiece,
  placeFault,
} from '../../../../src/integrations/http/address.js';

describe('what comes from an alert', () => {
  it.each([
    ['in the path', 'https://ci.example/job/'],
    ['within a segment', 'https://ci.example/job/a-'],
    ['in a value of the query', 'https://ci.example/job?a=1&service='],
  ])('may stand %s', (_, before) => {
    expect(placeFault(before)).toBeUndefined();
  });

  it.each([
    ['for the whole', '', 'who is called'],
    ['in place of the host', 'https://', 'who is called'],
    ['in the host', 'https://ci.', 'who is called'],
    ['in place of the port', 'https://ci.example:', 'who is called'],
    ['as a name in the query', 'https://ci.example/job?', 'name parameters'],
    ['as a later name in the query', 'https://ci.example/job?a=1&', 'name parameters'],
  ])('may not stand %s', (_, before, why) => {
    expect(placeFault(before)).toContain(why);
  });

  it.each([
    'https://ci.example/job/',
    'https://ci.example/a/../job/',
    'https://ci.example/job?service=',
  ])('never makes another address of %s', (before) => {
    const [start = '', query] = before.split('?');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.webPath()), (value) => {
        let piece: string;
        try {
          piece = encodePiece(value, before);
        } catch {
          return;
        }
        const text = `${before}${piece}${query === undefined ? '/run?a=1' : '&a=1'}`;
        if (addressFault(text) !== undefined) return;
        const url = new URL(text);
        expect(url.origin).toBe('https://ci.example');
        expect(url.searchParams.get('a')).toBe('1');
        expect([...url.searchParams.keys()]).toHaveLength(query === undefined ? 1 : 2);
        if (query !== undefined) {
          expect(url.pathname).toBe(new URL(start).pathname);
          expect(url.searchParams.get('service')).toBe(value);
        } else {
          expect(url.pathname.split('/').map(decodeURIComponent)).toEqual([
            '',
            'job',
            value,
            'run',
          ]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each(['', '../admin', 'a/b', 'a\\b', 'a\nb', '\u0000', '\ud800'])(
    'has no place in a path where it is %j',
    (value) => {
      expect(() => encodePiece(value, 'https://ci.example/job/')).toThrow('cannot stand there');
    },
  );

  it.each(['.', '..'])('is no address with the segment %s', (value) => {
    const before = 'https://ci.example/job/';
    expect(addressFault(`${before}${encodePiece(value, before)}/run`)).toContain('as it is sent');
  });
});

describe('an address', () => {
  it.each([
    ['ftp://ci.example/', 'an address such as'],
    ['//ci.example/', 'an address such as'],
    ['https://ada:secret@ci.example/', 'no name and no password'],
    ['https://ci.example/#there', 'no #'],
    ['https://CI.example/', 'https://ci.example/'],
    ['https://ci.example:443/', 'https://ci.example/'],
    ['https://ci.example', 'https://ci.example/'],
    ['http://2130706433/', 'http://127.0.0.1/'],
    ['https://ci.example/a b', 'https://ci.example/a%20b'],
    [`https://ci.example/${'a'.repeat(2_000)}`, 'at most 2000 characters'],
  ])('such as %s is refused', (text, why) => {
    expect(addressFault(text)).toContain(why);
  });

  it('is taken as it is sent', () => {
    expect(addressFault('https://ci.example:8443/job/a%20b?service=web')).toBeUndefined();
  });
});

describe('a host', () => {
  it.each(['https://ci.example', 'http://ci:8080', 'http://[::1]:8080'])('%s is one', (text) => {
    expect(originFault(text)).toBeUndefined();
  });

  it.each([
    'ci.example',
    'https://*.example',
    'https://ci.example/',
    'https://ci.example/job',
    'https://ada:secret@ci.example',
    'https://CI.example',
    'https://ci.example:443',
    'file:///etc/passwd',
  ])('%s is none', (text) => {
    expect(originFault(text)).toMatch(/^expected/);
  });
});
