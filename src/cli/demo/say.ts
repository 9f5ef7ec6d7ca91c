/** Tells the person who watches the demo. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
