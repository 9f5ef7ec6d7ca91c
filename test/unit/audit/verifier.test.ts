import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AuditLine,
  blockAfter,
  blockDigest,
  digestOf,
  genesis,
  seal,
} from '../../../src/audit/block.js';
import { auditKeys } from '../../../src/audit/key.js';
import { createAuditVerifier } from '../../../src/audit/verifier.js';
import { type Chain, itemsOf, sealed, verify } from './audit-chain.js';

const own = auditKeys(['the operator keeps this key elsewhere']);
const keyOf = (keys: typeof own) => {
  if (keys.sealing === undefined) throw new Error('there is no key');
  return keys.sealing;
};

/** Records with distinct contents, ids with gaps, and the sizes of the blocks that seal all of them. */
const trails = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 6 })
  .map((sizes) => {
    const count = sizes.reduce((sum, size) => sum + size, 0);
    const records = Array.from({ length: count }, (_, index) => line(index));
    return { records, sizes, chain: sealed(keyOf(own), records, sizes) };
  });

function line(index: number): AuditLine {
  return { id: `${1_000 + 10 * index}-0`, content: `["record","{\\"event\\":\\"e${index}\\"}"]` };
}

/** The first record of the block at this place. */
function firstOf(sizes: readonly number[], block: number): string {
  return line(sizes.slice(0, block).reduce((sum, size) => sum + size, 0)).id;
}

const trailsAndPlaces = trails.chain((trail) =>
  fc.record({
    trail: fc.constant(trail),
    a: fc.nat({ max: trail.records.length - 1 }),
    b: fc.nat({ max: trail.records.length - 1 }),
    block: fc.nat({ max: trail.sizes.length - 1 }),
    other: fc.nat({ max: trail.sizes.length - 1 }),
  }),
);

function swapped<T>(list: readonly T[], a: number, b: number, swap: (to: T, from: T) => T): T[] {
  const [left, right] = [list[a] as T, list[b] as T];
  return list.map((each, index) =>
    index === a ? swap(left, right) : index === b ? swap(right, left) : each,
  );
}

describe('a trail as it was sealed', () => {
  test('is verified, whatever the sizes of its blocks', () => {
    fc.assert(
      fc.property(trails, ({ chain, records, sizes }) => {
        expect(verify(own, chain)).toEqual({
          kind: 'verified',
          records: records.length,
          blocks: sizes.length,
          unsealed: 0,
          first: records[0]?.id,
          last: records.at(-1)?.id,
        });
      }),
    );
  });

  test('may have records that are not sealed yet, which are counted', () => {
    const records = [0, 1, 2, 3, 4].map(line);
    const chain = sealed(keyOf(own), records, [2, 1]);
    expect(verify(own, chain)).toMatchObject({ kind: 'verified', records: 3, unsealed: 2 });
    expect(verify(own, sealed(keyOf(own), records, []))).toMatchObject({ records: 0, unsealed: 5 });
  });
});

describe('a single mutation is found, and the first faulty record is named', () => {
  test('a record that was changed', () => {
    fc.assert(
      fc.property(trailsAndPlaces, fc.string(), ({ trail, a }, content) => {
        const records = trail.records.map((each, index) =>
          index === a ? { ...each, content } : each,
        );
        expect(verify(own, { ...trail.chain, records })).toMatchObject({
          of: 'record',
          how: 'changed',
          entry: line(a).id,
        });
      }),
    );
  });

  test('a record that was removed', () => {
    fc.assert(
      fc.property(trailsAndPlaces, ({ trail, a }) => {
        const records = trail.records.filter((_, index) => index !== a);
        expect(verify(own, { ...trail.chain, records })).toMatchObject({
          of: 'record',
          how: 'removed',
          entry: line(a).id,
        });
      }),
    );
  });

  test('a record that was inserted, before the first and between blocks too', () => {
    fc.assert(
      fc.property(trailsAndPlaces, ({ trail, a }) => {
        const id = `${1_000 + 10 * a - 5}-0`;
        const records = [
          ...trail.records.slice(0, a),
          { ...line(a), id },
          ...trail.records.slice(a),
        ];
        expect(verify(own, { ...trail.chain, records })).toMatchObject({
          of: 'record',
          how: 'inserted',
          entry: id,
        });
      }),
    );
  });

  test('two records that changed places', () => {
    fc.assert(
      fc.property(trailsAndPlaces, ({ trail, a, b }) => {
        fc.pre(a !== b);
        const records = swapped(trail.records, a, b, ({ id }, { content }) => ({ id, content }));
        const fault = verify(own, { ...trail.chain, records });
        expect(fault).toMatchObject({ of: 'record', entry: line(Math.min(a, b)).id });
        expect(['changed', 'reordered']).toContain('how' in fault && fault.how);
      }),
    );
    const { records, ...chain } = sealed(keyOf(own), [0, 1, 2].map(line), [3]);
    const moved = swapped(records, 0, 2, ({ id }, { content }) => ({ id, content }));
    expect(verify(own, { ...chain, records: moved })).toMatchObject({ how: 'reordered' });
  });

  test('a block that was changed, by any character', () => {
    fc.assert(
      fc.property(trailsAndPlaces, fc.nat(), fc.string(), ({ trail, block }, place, text) => {
        const blocks = trail.chain.blocks.map((each, index) => {
          const at = place % each.sealed.length;
          const sealed = each.sealed.slice(0, at) + text + each.sealed.slice(at + 1);
          return index === block ? { ...each, sealed } : each;
        });
        fc.pre(blocks[block]?.sealed !== trail.chain.blocks[block]?.sealed);
        expect(verify(own, { ...trail.chain, blocks })).toMatchObject({
          of: 'block',
          how: 'changed',
          entry: firstOf(trail.sizes, block),
        });
      }),
    );
  });

  test('a block that was removed, the last one too', () => {
    fc.assert(
      fc.property(trailsAndPlaces, ({ trail, block }) => {
        const blocks = trail.chain.blocks.filter((_, index) => index !== block);
        expect(verify(own, { ...trail.chain, blocks })).toMatchObject({
          of: 'block',
          how: 'removed',
          entry: firstOf(trail.sizes, block),
        });
      }),
    );
  });

  test('two blocks that changed places', () => {
    fc.assert(
      fc.property(trailsAndPlaces, ({ trail, block, other }) => {
        fc.pre(block !== other);
        const blocks = swapped(trail.chain.blocks, block, other, ({ id }, { sealed }) => ({
          id,
          sealed,
        }));
        expect(verify(own, { ...trail.chain, blocks })).toMatchObject({
          of: 'block',
          how: 'reordered',
          entry: firstOf(trail.sizes, Math.min(block, other)),
        });
      }),
    );
  });

  test('a block that was inserted again behind the last one', () => {
    fc.assert(
      fc.property(trailsAndPlaces, ({ trail, block }) => {
        const copy = { ...(trail.chain.blocks[block] as Chain['blocks'][number]), id: '9000-0' };
        const blocks = [...trail.chain.blocks, copy];
        expect(verify(own, { ...trail.chain, blocks })).toMatchObject({ of: 'block' });
      }),
    );
  });

  test('a head that was changed or removed', () => {
    fc.assert(
      fc.property(trailsAndPlaces, fc.nat(), fc.string(), ({ trail }, place, text) => {
        const { head } = trail.chain;
        const at = place % (head?.length ?? 1);
        const changed = `${head?.slice(0, at)}${text}${head?.slice(at + 1)}`;
        fc.pre(changed !== head);
        const expected = { of: 'head', entry: line(0).id };
        expect(verify(own, { ...trail.chain, head: changed })).toMatchObject(expected);
        expect(verify(own, { ...trail.chain, head: null })).toMatchObject(expected);
      }),
    );
  });
});

describe('a genuine block in the wrong place is found', () => {
  test('where it followed another block', () => {
    const chain = sealed(keyOf(own), [0, 1, 2].map(line), [2, 1]);
    const other = sealed(keyOf(own), [0, 9, 2].map(line), [1, 1, 1]);
    const [first] = chain.blocks;
    const end = { number: 1, digest: blockDigest(other.blocks[0]?.sealed ?? '') };
    const stray = { id: line(2).id, sealed: seal(keyOf(own), blockAfter(end, [line(2)])) };
    const blocks = [first as Chain['blocks'][number], stray];
    expect(verify(own, { ...chain, blocks })).toMatchObject({
      of: 'block',
      how: 'changed',
      entry: line(2).id,
      expected: 'block 2 to follow the block before it',
    });
  });

  test('where its records only look like those that it seals', () => {
    const lines = [0, 1].map(line);
    const block = { ...blockAfter(genesis, lines), digest: digestOf([line(0), line(7)]) };
    const text = seal(keyOf(own), block);
    const to = line(1).id;
    const end = { end: 'head', number: 1, to, digest: blockDigest(text) } as const;
    const chain = { records: lines, blocks: [{ id: to, sealed: text }], checkpoint: null };
    expect(verify(own, { ...chain, head: seal(keyOf(own), end) })).toMatchObject({
      of: 'record',
      how: 'changed',
      entry: line(0).id,
    });
  });
});

describe('keys', () => {
  const records = [0, 1, 2].map(line);

  test('that are not given verify nothing, and the message says which one is wanted', () => {
    const chain = sealed(keyOf(own), records, [2]);
    const other = auditKeys(['another key altogether, and a long one']);
    expect(verify(other, chain)).toMatchObject({
      of: 'head',
      expected: expect.stringContaining(`got one under ${keyOf(own).id}: if this is your key`),
    });
  });

  test('that were used before are given behind the present one', () => {
    const chain = sealed(keyOf(own), records, [2]);
    const rotated = auditKeys(['a new one', 'the operator keeps this key elsewhere']);
    expect(verify(rotated, chain)).toMatchObject({ kind: 'verified', records: 2 });
  });

  test('that are missing altogether verify nothing of a sealed trail', () => {
    const none = auditKeys([]);
    expect(verify(none, sealed(keyOf(own), records, [2]))).toMatchObject({ of: 'head' });
    expect(verify(none, sealed(keyOf(own), records, []))).toMatchObject({ blocks: 0, unsealed: 3 });
  });
});

describe('a piece of a trail', () => {
  const chain = sealed(keyOf(own), [0, 1, 2, 3, 4, 5, 6, 7].map(line), [3, 3, 2]);
  const items = itemsOf(chain);
  const verifyPiece = (piece: typeof items) => {
    const verifier = createAuditVerifier(own, null);
    for (const item of piece) verifier.take(item);
    return verifier.end();
  };

  test('may begin and end in the middle of a block', () => {
    const piece = items.filter(
      ({ id, kind }) => kind === 'block' || (id >= line(1).id && id <= line(6).id),
    );
    expect(verifyPiece(piece)).toMatchObject({ records: 6, first: line(1).id, last: line(6).id });
  });

  test('has no gap inside', () => {
    for (const gap of [2, 3, 4, 5]) {
      const piece = items.filter(({ id, kind }) => kind === 'block' || id !== line(gap).id);
      expect(verifyPiece(piece)).toMatchObject({ how: 'removed', entry: line(gap).id });
    }
  });

  test('has no block missing inside', () => {
    const [, second] = chain.blocks;
    const piece = items.filter((item) => item.id !== second?.id || item.kind === 'record');
    expect(verifyPiece(piece)).toMatchObject({ how: 'inserted', entry: line(3).id });
  });
});
