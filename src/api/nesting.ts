const [quote, backslash, openList, openMap, closeList, closeMap] = Buffer.from('"\\[{]}');

/**
 * Whether JSON has lists and mappings within each other deeper than `levels`. Reading such a text takes
 * seconds; this stops at the first that is too deep.
 */
export function isNestedDeeper(bytes: Buffer, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at]) {
      case quote:
        at = endOfText(bytes, at);
        break;
      case openList:
      case openMap:
        depth += 1;
        if (depth > levels) return true;
        break;
      case closeList:
      case closeMap:
        depth -= 1;
    }
  }
  return false;
}

/** Where the text ends that begins here. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
