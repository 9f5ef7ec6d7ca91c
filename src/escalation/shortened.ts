/** Keeps room in a button for the other words and numbers. */
const maxNameLength = 40;

/** Cuts a name to the room that a button has for it; its beginning tells it from others. */
export function shortened(name: string): string {
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength - 1)}…`;
}
