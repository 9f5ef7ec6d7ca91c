const shownCharacters = 80;

/** A value for an error, in quotes and not longer than a line. */
export function shown(value: string): string {
  return JSON.stringify(
    value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value,
  );
}
