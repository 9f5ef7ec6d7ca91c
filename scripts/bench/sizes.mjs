// How much of Redis each family of keys takes.

/** Of a family with many keys every so many-th is measured, and the first few. */
const measuredFirst = 500;
const measuredEach = 100;

/** @returns the families, the largest first, and what Redis takes besides for its tables of keys. */
export async function sizesOf(client, prefix) {
  const families = new Map();
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 2_000);
    cursor = next;
    const measured = [];
    for (const key of keys) {
      const name = key.slice(prefix.length).split(':')[0];
      const family = families.get(name) ?? { name, keys: 0, measured: 0, bytes: 0 };
      families.set(name, family);
      family.keys += 1;
      if (family.keys <= measuredFirst || family.keys % measuredEach === 0)
        measured.push([family, key]);
    }
    const sizes = await Promise.all(measured.map(([, key]) => client.memory('USAGE', key)));
    for (const [index, [family]] of measured.entries()) {
      family.measured += 1;
      family.bytes += sizes[index] ?? 0;
    }
  } while (cursor !== '0');
  const all = [...families.values()].map(({ name, keys, measured, bytes }) => ({
    name,
    keys,
    bytes: (bytes / measured) * keys,
  }));
  const used = Number(/used_memory_dataset:(\d+)/.exec(await client.info('memory'))?.[1]);
  const overhead = Number(/used_memory_overhead:(\d+)/.exec(await client.info('memory'))?.[1]);
  const inKeys = all.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    families: all.sort((a, b) => b.bytes - a.bytes),
    otherBytes: Math.max(0, used + overhead - inKeys),
  };
}
